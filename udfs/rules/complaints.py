"""What is wrong with a rules file whose form is right."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import pairwise

from udfs.checked_yaml import Place
from udfs.rule_language.tokens import ExpressionError
from udfs.rule_language.values import catalogue
from udfs.rules.examples import ExampleRow
from udfs.rules.model import Rule, Version
from udfs.wording import placeholders


def complaints(versions: Sequence[Version]) -> Iterator[tuple[Place, str]]:
    """Where in the file something is wrong, and what."""
    for number, (before, after) in enumerate(pairwise(versions), 1):
        if after.version <= before.version or after.holds_from <= before.holds_from:
            yield (number,), "version and holds_from must grow from entry to entry; append, never edit"
    for number, version in enumerate(versions):
        ids = [rule.id for rule in version.rules]
        for index, rule in enumerate(version.rules):
            place = (number, "rules", index)
            if rule.id in ids[:index]:
                yield place, f"rule {rule.id} stands twice in version {version.version}; give each its own id"
            for field, message in _complaints_of_rule(version, rule):
                yield (*place, *field), f"rule {rule.id}: {message}"
        for index, escalation in enumerate(version.escalate):
            for name in escalation.when_all:
                if name not in ids:
                    yield (number, "escalate", index), f"unknown rule {name!r}; use one of {', '.join(ids)}"


def _complaints_of_rule(version: Version, rule: Rule) -> Iterator[tuple[Place, str]]:
    try:
        rule.limit_values()
    except ExpressionError as error:
        yield ("limits",), str(error)
        return
    try:
        names = version.expression_of(rule).names
    except ExpressionError as error:
        yield ("when",), f"{error}\n  {_pointed(rule.when, error.at)}"
        return
    known = {*catalogue(), *rule.limits}
    for name in placeholders(rule.text):
        if name not in known:
            yield ("text",), f"the text speaks of {{{name}}}, which is neither a value nor a limit of this rule"
    for kind in ("fires", "spares"):
        for index, example in enumerate(getattr(rule.examples, kind)):
            try:
                ExampleRow(example, names)
            except ExpressionError as error:
                yield ("examples", kind, index), str(error)


def _pointed(text: str, at: int) -> str:
    """The condition on one line, with a mark before the word that is meant."""
    return " ".join(f"{text[:at]} → {text[at:]}".split())
