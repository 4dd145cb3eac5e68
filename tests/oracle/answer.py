"""The answer to a log: what must become of each record, worked out one by one in the order of arrival."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NamedTuple

from tests.oracle.facts import CURRENCIES, HISTORIES, MAX_AMOUNT, RULES, entities, rule_versions, usd_minor
from tests.oracle.history import Entity, Use
from tests.oracle.rules import Verdict, decide
from tests.oracle.validation import MAX_BYTES, Refused, Transaction, parse, validate

Record = tuple[int, int, int, bytes | None, bytes]
"""Partition, offset, append time in milliseconds, key, value."""


class Decision(NamedTuple):
    """`at` is partition and offset; `transaction` has the contract's fields with the card number as it came.

    `others` has the features of those entities besides the card that the rules look at.
    """

    at: tuple[int, int]
    transaction: dict[str, Any]
    verdict: Verdict
    amount_usd_minor: int
    features: tuple[int, ...]
    others: dict[str, tuple[int, ...]]

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
    def __init__(self, max_age_days: int | None, rules: Path, token: Callable[[str], str]) -> None:
        self.answer = Answer()
        self._max_age_days = max_age_days
        self._versions = rule_versions(rules)
        self._entities = entities(rules)
        self._token = token
        self._first: dict[tuple[str, str], tuple[tuple[int, int], dict[str, Any]]] = {}
        self._known: dict[tuple[str, str], Entity] = defaultdict(Entity)

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
        tokenised = body | {"card_token": self._token(body["card_number"])}
        features = {each: self._features(each, tokenised, event_ms, usd) for each in self._entities}
        named = {each: dict(zip(HISTORIES[each].features, found, strict=True)) for each, found in features.items()}
        verdict = decide(self._versions, event_ms, body, usd, named)
        return Decision(at, body, verdict, usd, features.pop("card"), features)

    def _features(self, entity: str, tokenised: dict[str, Any], event_ms: int, usd: int) -> tuple[int, ...]:
        history = HISTORIES[entity]
        whose = tokenised.get(history.id)
        if whose is None:
            return (*(0 for _ in history.features[:-1]), -1)
        one, two, three = (tokenised[each] for each in history.counted)
        return self._known[entity, whose].add(Use(event_ms, usd, (one, two, three)))


def answer(
    records: Iterable[Record],
    max_age_days: int | None = None,
    rules: Path = RULES,
    token: Callable[[str], str] = str,
) -> Answer:
    """What must become of the log `records`, whatever the order in which its partitions are read.

    But what customers of several partitions share, terminals and devices, has the features of one order among many.
    `max_age_days` stands for the job's setting that overrides the contract's bound; `token` makes a card's token, by
    which the distinct cards of long windows are estimated.
    """
    oracle = _Oracle(max_age_days, rules, token)
    for record in sorted(records, key=lambda each: each[:2]):
        oracle.take(record)
    return oracle.answer
