"""Each pattern on its own examples and against the oracle, on a local Flink."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Iterator, Mapping
from itertools import accumulate
from pathlib import Path
from typing import Any, TypeVar

import pytest

from sluice.settings import FraudPatterns
from tests.jobs.fraud_patterns.flink import decision, event, found
from tests.oracle.patterns import OF_CARDS, OF_CUSTOMERS, OF_TERMINALS, Act, Use
from udfs.patterns import file as patterns_file
from udfs.patterns.model import Example

START_MS = 1_767_614_400_000
_CARDS = 60
_TERMINALS = 30
_CUSTOMERS = 40
_Done = TypeVar("_Done")


def _played(card: str, number: int, example: Example) -> Iterator[dict[str, Any]]:
    """Decisions and events of one customer, at one terminal."""
    times = accumulate((each.after for each in example), initial=START_MS)
    next(times)
    for offset, (ms, use) in enumerate(zip(times, example, strict=True)):
        if use.event is not None:
            yield event(card, Act(f"e-{number}-{offset}", ms, use.event))
            continue
        of_example = Use((number, offset), ms, use.amount_usd, use.country, use.channel, use.outcome)
        yield decision(f"{card}/{use.card}", of_example, terminal=card, customer=card)


def _is_activity(each: Mapping[str, Any]) -> bool:
    """Whether it stands in the customers' topic."""
    return "event_id" in each or each["channel"] == "transfer"


def test_each_pattern_does_what_its_examples_say(tmp_path: Path) -> None:
    patterns = patterns_file.load(FraudPatterns().patterns)
    expected: dict[str, list[str]] = {}
    everything: list[dict[str, Any]] = []
    for name, pattern in patterns.items():
        for kind in ("matches", "spares"):
            for example in getattr(pattern.examples, kind):
                card = f"{name}-{kind}-{len(expected)}"
                played = list(_played(card, len(expected), example))
                expected[card] = [played[-1]["transaction_id"]] if kind == "matches" else []
                everything += played
                if name in OF_CARDS:
                    without_token = f"{name}-alone-{len(expected)}"
                    alone = _played(without_token, len(expected), example)
                    expected[without_token] = []
                    everything += [each | {"degraded": "keys_away"} for each in alone]
    raised: dict[str, list[str]] = {card: [] for card in expected}
    decided, activity = ([*filter(of, everything)] for of in (lambda each: "card_token" in each, _is_activity))
    for alert in found(decided, tmp_path, activity):
        example, _ = alert["card_token"].split("/")
        if example.startswith(alert["rules"][0]):
            raised[example].append(alert["transaction_id"])
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
        (name, card, match) for card, uses in cards.items() for name in OF_CARDS for match in OF_CARDS[name](uses)
    }
    turns = _in_turn(rng, cards)
    raised = Counter(
        (alert["rules"][0], alert["card_token"], _places(alert))
        for alert in found([decision(card, use, terminal=card) for card, use in turns], tmp_path)
    )
    assert raised == dict.fromkeys(expected, 1)
    assert {name for name, _, _ in expected} == set(OF_CARDS)


@pytest.mark.parametrize("seed", [1, 2])
def test_matches_at_terminals_and_of_customers_are_those_of_the_oracle(seed: int, tmp_path: Path) -> None:
    rng = random.Random(seed)
    terminals = {f"p-{number}": _drawn_at_a_terminal(rng, number) for number in range(_TERMINALS)}
    expected = {
        (name, terminal, match)
        for terminal, uses in terminals.items()
        for name in OF_TERMINALS
        for match in OF_TERMINALS[name](uses)
    }
    acts = _in_turn(rng, {f"c-{number}": _drawn_of_a_customer(rng, number) for number in range(_CUSTOMERS)})
    activity = [
        event(customer, done) if isinstance(done, Act) else decision(done.card, done, customer=customer)
        for customer, done in acts
    ]
    taken_over = {
        (name, customer, match)
        for customer in {customer for customer, _ in acts}
        for name, find in OF_CUSTOMERS.items()
        for match in find([done for of, done in acts if of == customer])
    }
    turns = _in_turn(rng, terminals)
    raised = Counter(
        (alert["rules"][0], alert["transactions"][0]["terminal_id"], _places(alert))
        if alert["rules"][0] in OF_TERMINALS
        else (alert["rules"][0], alert["customer_id"], _told(alert))
        for alert in found([decision(use.card, use, terminal) for terminal, use in turns], tmp_path, activity)
        if alert["rules"][0] not in OF_CARDS
    )
    told = {(name, customer, tuple(sorted(match, key=str))) for name, customer, match in taken_over}
    assert raised == dict.fromkeys(expected | told, 1)
    assert expected
    assert len(taken_over) > _CUSTOMERS


def _drawn_at_a_terminal(rng: random.Random, number: int) -> list[Use]:
    """One terminal's uses by a few cards of its own, near the limits, now and then out of order."""
    uses, ms = [], START_MS
    for offset in range(rng.randint(1, 90)):
        ms += rng.choice([100, 2_000, 5_000, 7_000, 50_000]) if rng.random() < 0.95 else -20_000
        uses.append(Use((number, offset), ms, 2_500, "US", "pos", card=f"card-{number}-{rng.randint(1, 60)}"))
    return uses


def _drawn_of_a_customer(rng: random.Random, number: int) -> list[Use | Act]:
    """What one customer does within two days, near the limits and in any order; some of it comes again."""
    done: list[Use | Act] = []
    for offset in range(rng.randint(1, 60)):
        ms = START_MS + rng.choice([0, 1, 30, 86_399, 86_400, 90_000]) * 1_000 + rng.choice([0, 1, 60_000])
        kinds = ["device_added", "profile_changed", "password_reset", "transfer", "transfer"]
        kind = rng.choices(kinds, [1, 1, 1, rng.choice([1, 8]), 1])[0]
        if kind == "transfer":
            usd = rng.choice([10_000, 10_001, 50_000])
            done.append(Use((number, offset), ms, usd, "US", "transfer", card=f"card-{number}-{rng.randint(1, 2)}"))
        else:
            done.append(Act(f"e-{number}-{offset}", ms, kind))
        if rng.random() < 0.1:
            done.append(rng.choice(done))
    return done


def _told(alert: Any) -> tuple[tuple[int, int] | str, ...]:
    told = (*_places(alert), *(each["event_id"] for each in alert["customer_events"]))
    return tuple(sorted(told, key=str))


def _in_turn(rng: random.Random, sequences: Mapping[str, list[_Done]]) -> list[tuple[str, _Done]]:
    """All that is done with whose it is, who take turns at random, each in its own order, and with repeats."""
    waiting = {name: list(done) for name, done in sequences.items()}
    turns: list[tuple[str, _Done]] = []
    while waiting:
        name = rng.choice(list(waiting))
        turns.append((name, waiting[name].pop(0)))
        if not waiting[name]:
            del waiting[name]
        if rng.random() < 0.02:  # the job before has crashed, and writes its latest results again
            turns += turns[-rng.randint(1, 40) :]
    return turns


def _places(alert: Any) -> tuple[tuple[int, int], ...]:
    return tuple(_place(each["decision_id"]) for each in alert["transactions"])


def _place(decision_id: str) -> tuple[int, int]:
    _, partition, offset = decision_id.split("-")
    return int(partition), int(offset)
