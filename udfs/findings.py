"""What the rules find in a batch of transactions, and each finding in words."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from typing import Any

import numpy as np
import numpy.typing as npt
import orjson

from contracts import reader
from udfs.rule_language.evaluate import Rows
from udfs.rule_language.syntax import Text
from udfs.rule_language.tokens import tokens
from udfs.rule_language.values import NEVER, OWN, Quantity, Words, catalogue, column, scaled
from udfs.rules.log import ActiveRule, ActiveVersion, Int64Array, RuleLog, Verdict, fired, verdict
from udfs.wording import Wording, sentence

_NO_TEXT = "none"


class Facts:
    """A batch as rules see it: `bodies` are the transactions as tokenised JSON, `features` have a row a transaction.

    They are those of each entity whose history the rules look at.
    """

    def __init__(
        self, bodies: Sequence[bytes], amount_usd_minor: Int64Array, features: Mapping[str, Int64Array]
    ) -> None:
        self._bodies = bodies
        self._columns = {
            name: numbers
            for entity, known in features.items()
            for name, numbers in zip(_feature_columns(entity), known.T, strict=True)
        }
        self._columns["amount_usd_minor"] = amount_usd_minor
        self._read: dict[int, dict[str, Any]] = {}

    def __len__(self) -> int:
        return len(self._bodies)

    def numbers(self, column: str) -> Int64Array:
        return np.asarray(self._columns[column])

    def texts(self, column: str, rows: Rows) -> Iterator[str | None]:
        asked = range(len(self)) if rows is None else rows.tolist()
        return (self.transaction(row)[column] for row in asked)

    def transaction(self, row: int) -> dict[str, Any]:
        """The transaction's fields, read once."""
        if row not in self._read:
            self._read[row] = orjson.loads(self._bodies[row])
        return self._read[row]


@cache
def _feature_columns(entity: str) -> tuple[str, ...]:
    return tuple(column(entity, each) for each in reader.feature_names(entity))


def findings(log: RuleLog, facts: Facts, holding: npt.NDArray[np.intp]) -> dict[int, tuple[ActiveVersion, Verdict]]:
    """Row to version and verdict, for the rows where a rule fires; `holding` is the index of each row's version."""
    found = {}
    for index in set(holding.tolist()):
        version = log.versions[index]
        hits = fired(version, facts) & (holding == index)
        for row in np.flatnonzero(hits.any(axis=0)).tolist():
            found[row] = (version, verdict(version, hits[:, row].tolist()))
    return found


class Explainer:
    """Tells why a rule fired."""

    def __init__(self) -> None:
        self._wording = Wording(reader.currencies())

    def reason(self, active: ActiveRule, version: int, facts: Facts, row: int) -> dict[str, Any]:
        """One entry of a decision's `reasons` (contract `decisions`)."""
        values = [catalogue()[name] for name in active.expression.names]
        numbers = [value.column for value in values if isinstance(value, Quantity)]
        return {
            "rule": active.rule.id,
            "version": version,
            "severity": active.rule.severity,
            "text": sentence(active.rule.text, lambda name: self._word(name, active, facts, row)),
            "values": {name: int(facts.numbers(name)[row]) for name in numbers},
        }

    def annotated(self, active: ActiveRule, facts: Facts, row: int) -> str:
        """The rule's condition on one line, each name followed by its value in brackets."""
        parts, end = [], 0
        for token in tokens(active.rule.when):
            if token.text in active.expression.names or token.text in active.limits:
                parts += [
                    active.rule.when[end : token.at],
                    f"{token.text} [{self._word(token.text, active, facts, row)}]",
                ]
                end = token.at + len(token.text)
        return " ".join("".join([*parts, active.rule.when[end:]]).split())

    def _word(self, name: str, active: ActiveRule, facts: Facts, row: int) -> str:
        if name in active.limits:
            return self._limit(active, name)
        value = catalogue()[name]
        if isinstance(value, Words):
            return facts.transaction(row)[value.column] or _NO_TEXT
        if value.unit == OWN:
            transaction = facts.transaction(row)
            return self._wording.money(transaction[value.column], transaction["currency"])
        number = int(facts.numbers(value.column)[row])
        return self._wording.number(NEVER if number == value.absent else number, value.unit)

    def _limit(self, active: ActiveRule, name: str) -> str:
        limit = active.limits[name]
        if isinstance(limit, Text):
            return limit.value or _NO_TEXT
        number, unit = scaled(limit.value, limit.unit)
        return self._wording.number(int(number), unit) if number % 1 == 0 else f"{number}"
