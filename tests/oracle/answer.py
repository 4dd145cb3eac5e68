"""The answer to a log: what must become of each record, worked out one by one in the order of arrival."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NamedTuple

from tests.oracle.facts import CURRENCIES, FEATURES, MAX_AMOUNT, RULES, rule_versions, usd_minor
from tests.oracle.history import Card, Use
from tests.oracle.rules import Verdict, decide
from tests.oracle.validation import MAX_BYTES, Refused, Transaction, parse, validate

Record = tuple[int, int, int, bytes | None, bytes]
"""Partition, offset, append time in milliseconds, key, value."""


class Decision(NamedTuple):
    """`at` is partition and offset; `transaction` has the contract's fields with the card number as it came."""

    at: tuple[int, int]
    transaction: dict[str, Any]
    verdict: Verdict
    amount_usd_minor: int
    features: tuple[int, ...]

    @property
    def outcome(self) -> str:
        return self.verdict.outcome

    @property
    def rules(self) -> tuple[str, ...]:
        return self.verdict.rules


class Quarantined(NamedTuple):
    at: tuple[int, int]
    reason: str
    field: str | None
    step: str


class Duplicate(NamedTuple):
    at: tuple[int, int]
    first: tuple[int, int]


@dataclass
class Money:
    """Minor units of one currency, by what became of them."""

    incoming: int = 0
    valid: int = 0
    quarantined: int = 0
    duplicate: int = 0


@dataclass
class Answer:
    decisions: list[Decision] = field(default_factory=list)
    quarantined: list[Quarantined] = field(default_factory=list)
    duplicates: list[Duplicate] = field(default_factory=list)
    money: dict[str, Money] = field(default_factory=lambda: defaultdict(Money))

    @property
    def alerts(self) -> list[Decision]:
        """The decisions that raise an alert."""
        return [each for each in self.decisions if each.outcome != "approve"]


class _Oracle:
    def __init__(self, max_age_days: int | None, rules: Path) -> None:
        self.answer = Answer()
        self._max_age_days = max_age_days
        self._versions = rule_versions(rules)
        self._first: dict[tuple[str, str], tuple[tuple[int, int], dict[str, Any]]] = {}
        self._cards: dict[str, Card] = defaultdict(Card)

    def take(self, record: Record) -> None:
        """Give `record` its one disposition."""
        at, value = record[:2], record[4]
        if len(value) > MAX_BYTES:
            self._quarantine(at, Refused("too_large"))
            return
        try:
            body = parse(value)
        except Refused as refused:
            self._quarantine(at, refused)
            return
        money, amount = self._money_of(body)
        money.incoming += amount
        try:
            transaction = validate(body, record[2], self._max_age_days)
            first = self._first_of(at, transaction)
        except Refused as refused:
            self._quarantine(at, refused)
            money.quarantined += amount
            return
        if first != at:
            self.answer.duplicates.append(Duplicate(at, first))
            money.duplicate += amount
        else:
            self.answer.decisions.append(self._decision(at, transaction))
            money.valid += amount

    def _first_of(self, at: tuple[int, int], transaction: Transaction) -> tuple[int, int]:
        """Where the transaction of this id and body stood first; Refused where it had another body."""
        identity = transaction.body["customer_id"], transaction.body["transaction_id"]
        first, earlier = self._first.setdefault(identity, (at, transaction.body))
        if earlier != transaction.body:
            raise Refused("conflict", "transaction_id")
        return first

    def _quarantine(self, at: tuple[int, int], refused: Refused) -> None:
        step = "history" if refused.reason == "conflict" else "gate"
        self.answer.quarantined.append(Quarantined(at, refused.reason, refused.field, step))

    def _money_of(self, body: dict[str, Any]) -> tuple[Money, int]:
        """The account that `body` counts in, and how much; nothing where amount or currency cannot be read.

        An amount with more digits than the contract allows might be a card number, and is not kept anywhere.
        """
        currency, amount = body.get("currency"), body.get("amount_minor")
        if not isinstance(currency, str) or currency not in CURRENCIES:
            return Money(), 0
        if type(amount) is not int or abs(amount) > MAX_AMOUNT:
            return Money(), 0
        return self.answer.money[currency], amount

    def _decision(self, at: tuple[int, int], transaction: Transaction) -> Decision:
        body, event_ms = transaction
        usd = usd_minor(body["amount_minor"], body["currency"], event_ms)
        use = Use(event_ms, usd, body["merchant_id"], body["country"], body["terminal_id"])
        features = self._cards[body["card_number"]].add(use)
        known = dict(zip(FEATURES, features, strict=True))
        return Decision(at, body, decide(self._versions, event_ms, body, usd, known), usd, features)


def answer(records: Iterable[Record], max_age_days: int | None = None, rules: Path = RULES) -> Answer:
    """What must become of the log `records`, whatever the order in which its partitions are read.

    `max_age_days` stands for the job's setting that overrides the contract's bound.
    """
    oracle = _Oracle(max_age_days, rules)
    for record in sorted(records, key=lambda each: each[:2]):
        oracle.take(record)
    return oracle.answer
