"""A pattern's alert: what matched as a record of the topic `alerts`, with the reason in words."""

from __future__ import annotations

import hashlib
from typing import Any

from contracts import reader
from udfs.patterns.checks import CHECKS, Matched, span_ms
from udfs.patterns.model import Pattern
from udfs.rule_language.values import USD
from udfs.times import iso_ms
from udfs.wording import Wording, duration, sentence

_ID_CHARACTERS = 32
_CARRIED = tuple(each.name for each in reader.pattern_alert_transaction())
_COPIES = tuple(name for name in reader.load("alerts").names() if name in _CARRIED)
PLACES = ("first", "last")
COUNTED = ("count", "before", "span", "total_usd")


class Alerts:
    """Turns matches of the pattern `name` into alerts."""

    def __init__(self, name: str, pattern: Pattern) -> None:
        self._name = name
        self._pattern = pattern
        self._counts = CHECKS[pattern.check] if pattern.check else None
        self._wording = Wording(reader.currencies())

    def alert(self, matched: Matched, decided_ms: int) -> dict[str, Any] | None:
        """The alert on the last transaction of `matched`, or None where the pattern's check does not hold.

        Its id follows from the pattern and the decisions that matched, so a repeat has the same.
        """
        counted = matched if self._counts is None else self._counts(matched, self._pattern.limits)
        if not counted:
            return None
        transactions = [each for each in counted if "decision_id" in each]
        events = [each for each in counted if "decision_id" not in each]
        last = transactions[-1]
        content = " ".join((self._name, *(each["decision_id"] for each in transactions)))
        return {
            "alert_id": hashlib.sha256(content.encode()).hexdigest()[:_ID_CHARACTERS],
            **{name: last[name] for name in _COPIES},
            "outcome": self._pattern.outcome,
            "severity": self._pattern.severity,
            "rules": [self._name],
            "text": sentence(self._pattern.text, lambda name: self._word(name, transactions, counted)),
            "decided_at": iso_ms(decided_ms),
            "transactions": transactions,
            **({"customer_events": events} if events else {}),
        }

    def _word(self, name: str, transactions: Matched, counted: Matched) -> str:
        if name in self._pattern.limits:
            return self._wording.number(*self._pattern.limits[name])
        place, _, field = name.partition(".")
        if place in PLACES:
            return self._field(transactions[0 if place == "first" else -1], field)
        if name == "span":
            return duration(span_ms(counted))
        if name == "total_usd":
            return self._wording.money(sum(each["amount_usd_minor"] for each in transactions), USD)
        return f"{len(transactions) - (name == 'before'):,}"

    def _field(self, transaction: Any, field: str) -> str:
        if field == "amount_usd":
            return self._wording.money(transaction["amount_usd_minor"], USD)
        if field == "amount":
            return self._wording.money(transaction["amount_minor"], transaction["currency"])
        return str(transaction[field])


def known_word(name: str, pattern: Pattern) -> bool:
    """Whether a pattern's text may speak of `name`."""
    place, _, field = name.partition(".")
    if place in PLACES:
        return field in {"amount", "amount_usd", *_CARRIED}
    return name in COUNTED or name in pattern.limits
