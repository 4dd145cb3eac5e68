"""Each pattern on its own examples and against the oracle, on a local Flink."""

from __future__ import annotations

import random
from collections import defaultdict
from collections.abc import Iterator
from itertools import accumulate
from pathlib import Path
from typing import Any

import pytest

from sluice.settings import FraudPatterns
from tests.jobs.fraud_patterns.flink import decision, found
from tests.oracle.patterns import PATTERNS, Use
from udfs.patterns import file as patterns_file
from udfs.patterns.model import Example

START_MS = 1_767_614_400_000
_CARDS = 60


def _played(card: str, number: int, example: Example) -> Iterator[dict[str, Any]]:
    times = accumulate((each.after for each in example), initial=START_MS)
    next(times)
    for offset, (ms, use) in enumerate(zip(times, example, strict=True)):
        yield decision(card, Use((number, offset), ms, use.amount_usd, use.country, use.channel, use.outcome))


def test_each_pattern_does_what_its_examples_say(tmp_path: Path) -> None:
    patterns = patterns_file.load(FraudPatterns().patterns)
    expected: dict[str, list[str]] = {}
    decisions: list[dict[str, Any]] = []
    for name, pattern in patterns.items():
        for kind in ("matches", "spares"):
            for example in getattr(pattern.examples, kind):
                card = f"{name}-{kind}-{len(expected)}"
                played = list(_played(card, len(expected), example))
                expected[card] = [played[-1]["transaction_id"]] if kind == "matches" else []
                decisions += played
    raised: dict[str, list[str]] = {card: [] for card in expected}
    for alert in found(decisions, tmp_path):
        if alert["card_token"].startswith(alert["rules"][0]):
            raised[alert["card_token"]].append(alert["transaction_id"])
    assert raised == expected


def _drawn(rng: random.Random) -> list[Use]:
    """One card's uses, near every limit, now and then out of order."""
    uses, ms = [], START_MS
    for offset in range(rng.randint(1, 90)):
        ms += rng.choice([1_000, 20_000, 150_000, 400_000, 3_600_000]) if rng.random() < 0.95 else -700_000
        usd = rng.choice([100, 200, 201, 10_000, 10_001, 30_000, 40_000, 60_000])
        channel = rng.choice(["pos", "online", "atm", "atm"])
        country, outcome = rng.choice(["US", "US", "DE", "FR", "JP", "XX"]), rng.choice(["approve", "approve", "block"])
        uses.append(Use((0, offset), ms, usd, country, channel, outcome))
    return uses


@pytest.mark.parametrize("seed", [1, 2])
def test_matches_are_those_of_the_oracle(seed: int, tmp_path: Path) -> None:
    rng = random.Random(seed)
    cards = {f"card-{seed}-{number}": _drawn(rng) for number in range(_CARDS)}
    expected = {
        (name, card, match) for card, uses in cards.items() for name in PATTERNS for match in PATTERNS[name](uses)
    }
    waiting = {card: list(uses) for card, uses in cards.items()}
    decisions = []
    while waiting:  # cards take turns at random, each in its own order
        card = rng.choice(list(waiting))
        decisions.append(decision(card, waiting[card].pop(0)))
        if not waiting[card]:
            del waiting[card]
        if rng.random() < 0.02:  # the deciding job has crashed, and writes its latest decisions again
            decisions += decisions[-rng.randint(1, 40) :]
    raised: dict[tuple[str, str, Any], int] = defaultdict(int)
    for alert in found(decisions, tmp_path):
        match = tuple(_place(each["decision_id"]) for each in alert["transactions"])
        raised[alert["rules"][0], alert["card_token"], match] += 1
    assert set(raised) == expected
    assert set(raised.values()) == {1}
    assert {name for name, _, _ in expected} == set(PATTERNS)


def _place(decision_id: str) -> tuple[int, int]:
    _, partition, offset = decision_id.split("-")
    return int(partition), int(offset)
