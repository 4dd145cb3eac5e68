"""Rules as data: an append-only log of versions, each holding from an event time on, evaluated on whole batches."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from copy import copy
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any

import numpy as np
import numpy.typing as npt

from contracts import reader
from udfs.rule_language.evaluate import BoolArray, Table
from udfs.rule_language.expression import Expression, Limits
from udfs.rule_language.values import entity_of
from udfs.rules.model import OUTCOMES, SEVERITIES, Escalation, Outcome, Rule, Severity, Version
from udfs.wording import placeholders

Int64Array = npt.NDArray[np.int64]
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True)
class ActiveRule:
    """A rule, ready to be asked."""

    rule: Rule
    expression: Expression
    limits: Limits


@dataclass(frozen=True)
class ActiveVersion:
    number: int
    rules: tuple[ActiveRule, ...]
    escalate: tuple[Escalation, ...]


@dataclass(frozen=True)
class Verdict:
    """What the rules say of one transaction; `fired` in the order of the rules file."""

    outcome: Outcome
    severity: Severity
    fired: tuple[ActiveRule, ...]


class RuleLog:
    """All versions, oldest first, ready to be asked which one holds at an event time.

    `entities` are those whose histories they look at.
    """

    def __init__(self, versions: Sequence[Version]) -> None:
        self.versions = tuple(_active(each) for each in versions)
        self.entities = entities(versions)
        from_ms = [int((each.holds_from - _EPOCH).total_seconds() * 1000) for each in versions]
        self._from_ms = np.array(from_ms, dtype=np.int64)

    def of_transaction_alone(self) -> RuleLog:
        """The same versions with only those rules that look at nothing but the transaction itself."""
        alone = copy(self)
        alone.versions = tuple(
            replace(each, rules=tuple(rule for rule in each.rules if not any(map(entity_of, rule.expression.names))))
            for each in self.versions
        )
        return alone

    def holding(self, event_ms: Int64Array) -> npt.NDArray[np.intp]:
        """For each event time (ms since 1970) the index of its version; before the first, the first."""
        return np.maximum(np.searchsorted(self._from_ms, event_ms, side="right") - 1, 0)


def entities(versions: Iterable[Version]) -> tuple[str, ...]:
    """Of reader.ENTITIES, in their order, the card and those whose histories some version speaks of."""
    rules = [(version.expression_of(rule), rule) for version in versions for rule in version.rules]
    names = {name for expression, rule in rules for name in (*expression.names, *placeholders(rule.text))}
    spoken_of = {"card", *map(entity_of, names)}
    return tuple(each for each in reader.ENTITIES if each in spoken_of)


def _active(version: Version) -> ActiveVersion:
    rules = [ActiveRule(each, version.expression_of(each), each.limit_values()) for each in version.rules]
    return ActiveVersion(version.version, tuple(rules), version.escalate)


def fired(version: ActiveVersion, table: Table) -> BoolArray:
    """For each rule of `version`, a row that says for which transactions of `table` it fires."""
    hits = np.empty((len(version.rules), len(table)), np.bool_)
    for row, each in enumerate(version.rules):
        hits[row] = each.expression.condition.holds(table)
    return hits


def verdict(version: ActiveVersion, hits: Sequence[bool]) -> Verdict:
    """The outcome of one transaction: the gravest of the rules that fired and of the escalations they meet."""
    rules = tuple(each for each, hit in zip(version.rules, hits, strict=True) if hit)
    names = {each.rule.id for each in rules}
    met = [each for each in version.escalate if names.issuperset(each.when_all)]
    grave: list[Any] = [*(each.rule for each in rules), *met]
    if not grave:
        return Verdict("approve", "low", ())
    outcome = max((each.outcome for each in grave), key=OUTCOMES.index)
    severity = max((each.severity for each in grave), key=SEVERITIES.index)
    return Verdict(outcome, severity, rules)
