"""A rule's own examples: a transaction each, by the values that the condition looks at, which must fire or must not."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from udfs.rule_language.evaluate import Condition, Rows
from udfs.rule_language.expression import literal
from udfs.rule_language.syntax import Number
from udfs.rule_language.tokens import ExpressionError
from udfs.rule_language.values import NEVER, Quantity, Value, Words, catalogue, scaled
from udfs.rules.model import Example, Given, Rule, Version


class Tried(NamedTuple):
    """What a rule says of one of its examples."""

    version: int
    rule: Rule
    example: Example
    should_fire: bool
    fires: bool

    @property
    def passed(self) -> bool:
        return self.should_fire == self.fires

    def words(self) -> str:
        """The example on one line."""
        return ", ".join(f"{name} {'missing' if given is None else given}" for name, given in self.example.items())


def tried(versions: Iterable[Version]) -> Iterator[Tried]:
    """Every example of versions that have been checked."""
    for version in versions:
        for rule in version.rules:
            found = version.expression_of(rule)
            for should_fire, examples in ((True, rule.examples.fires), (False, rule.examples.spares)):
                for example in examples:
                    fires = ExampleRow(example, found.names).holds(found.condition)
                    yield Tried(version.version, rule, example, should_fire, fires)


class ExampleRow:
    """A batch of one, with a value for each of `names`. Raises ExpressionError for one that no transaction can have."""

    def __init__(self, example: Mapping[str, Given], names: Sequence[str]) -> None:
        if set(example) != set(names):
            raise ExpressionError(f"an example gives a value to each of {', '.join(names)}, and to no other", 0)
        self._values = {catalogue()[name].column: _value(name, catalogue()[name], example[name]) for name in names}

    def __len__(self) -> int:
        return 1

    def numbers(self, column: str) -> npt.NDArray[np.int64]:
        return np.array([self._values[column]], np.int64)

    def texts(self, column: str, rows: Rows) -> list[str | None]:  # noqa: ARG002 - the one row, or it is not asked
        text = self._values[column]
        assert text is None or isinstance(text, str)
        return [text]

    def holds(self, condition: Condition) -> bool:
        return bool(condition.holds(self)[0])


def _value(name: str, value: Value, given: Given) -> int | str | None:
    if isinstance(value, Words):
        return _text(name, value, given)
    if given == "never" and value.absent is not None:
        return NEVER
    found = literal(str(given))
    number, unit = scaled(found.value, found.unit) if isinstance(found, Number) else (None, None)
    if number is None or unit != value.unit or number % 1 or not value.low <= number <= value.high:
        raise ExpressionError(f"{name} can't be {given!r}", 0, _form(value))
    return int(number)


def _text(name: str, value: Words, given: Given) -> str | None:
    if given is None and value.optional:
        return None
    text = str(given)
    complaint = value.complaint(text) if given is not None else f"{name} is never missing"
    if complaint:
        raise ExpressionError(f"{name} can't be {given!r}", 0, complaint)
    return text


def _form(value: Quantity) -> str:
    written = {"USD": "an amount such as 12.50 USD", "ms": "a time such as 10 s"}.get(value.unit, "a whole number")
    never = ", or never" if value.absent is not None else ""
    return f"write {written}{never}"
