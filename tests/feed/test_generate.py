"""The generated traffic keeps the contract, its labels and its promises."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from collections import Counter, defaultdict
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from itertools import pairwise
from typing import Any

import pytest

from contracts import reader
from sluice.feed.errors import FeedError
from sluice.feed.generate import Generated, Traffic
from sluice.feed.scenarios import SCENARIOS
from sluice.feed.schedule import PAYDAYS, SPENDING
from sluice.feed.times import milliseconds

START = datetime(2026, 1, 5, 8, tzinfo=UTC)
MINUTES = timedelta(minutes=10)


@pytest.fixture(scope="module")
def traffic() -> Traffic:
    return Traffic(6_000, cards=500, seed=3, start=START, duration=MINUTES, fraud_rate=0.02)


@pytest.fixture(scope="module")
def messages(traffic: Traffic) -> list[tuple[Generated, dict[str, Any]]]:
    return [(each, json.loads(each.value)) for each in traffic]


def _usd(body: dict[str, Any]) -> Decimal:
    entry = reader.currencies()[body["currency"]]
    rate = Decimal(list(entry["usd_per_unit"].values())[-1])
    return Decimal(body["amount_minor"]).scaleb(-entry["decimals"]) * rate


def _luhn(number: str) -> bool:
    digits = [int(each) for each in number[::-1]]
    return (sum(digits[::2]) + sum(sum(divmod(2 * each, 10)) for each in digits[1::2])) % 10 == 0


def _ms(body: dict[str, Any]) -> int:
    return milliseconds(datetime.fromisoformat(body["event_time"]))


def test_fields_and_values_keep_the_contract(messages: list[tuple[Generated, dict[str, Any]]]) -> None:
    contract = reader.load("transactions")
    for _, body in messages:
        assert list(body) == [name for name in contract.names() if name in body]
        for field in contract.fields:
            value = body.get(field.name)
            if value is None:
                assert not field.required
            elif "pattern" in field.options:
                assert re.fullmatch(field.options["pattern"], value), (field.name, value)
            if "enum" in field.options and value is not None:
                assert value in field.options["enum"]
        assert (body["device_id"] is not None) == (body["channel"] == "online")


def test_messages_are_keyed_ordered_and_within_the_duration(messages: list[tuple[Generated, dict[str, Any]]]) -> None:
    times = [_ms(body) for _, body in messages]
    assert times == sorted(times)
    assert times[0] >= milliseconds(START)
    assert times[-1] < milliseconds(START + MINUTES)
    assert all(each.key.decode() == body["customer_id"] for each, body in messages)
    assert len({body["transaction_id"] for _, body in messages}) == len(messages)


def test_cards_are_distinct_valid_and_listed(
    traffic: Traffic, messages: list[tuple[Generated, dict[str, Any]]]
) -> None:
    planted = traffic.planted_cards
    assert 500 < len(set(planted)) == len(planted) < 540
    assert all(_luhn(number) and number.startswith("400000") and len(number) == 16 for number in planted)
    assert {body["card_number"] for _, body in messages} <= set(planted)


def test_fraud_breaks_a_rule_and_ordinary_traffic_does_not(messages: list[tuple[Generated, dict[str, Any]]]) -> None:
    by_card: dict[str, list[tuple[int, str]]] = defaultdict(list)
    cases: dict[int, list[tuple[int, str]]] = defaultdict(list)
    for each, body in messages:
        assert each.label is not None
        by_card[body["card_number"]].append((_ms(body), each.label.scenario))
        if each.label.scenario not in SCENARIOS:
            assert (_usd(body) > 800) == (each.label.scenario in {"high_value", "both"})
        assert each.label.is_fraud == (each.label.case is not None)
        if each.label.case is not None:
            cases[each.label.case].append((_ms(body), each.label.scenario))
    for uses in by_card.values():
        for (before, _), (after, scenario) in pairwise(uses):
            assert after - before > 10_000 or scenario in {"card_velocity", "both"} or scenario in SCENARIOS
    assert sum(map(len, cases.values())) == 120
    found = {scenario for uses in cases.values() for _, scenario in uses}
    assert found >= {"high_value", "card_velocity", "both", *list(SCENARIOS)[:7]}
    for uses in cases.values():
        scenarios = {scenario for _, scenario in uses}
        if scenarios <= SCENARIOS.keys():
            continue
        assert len(uses) == 1 if scenarios == {"high_value"} else 5 <= len(uses) <= 8
        assert max(uses)[0] - min(uses)[0] < 10_000


def test_same_arguments_same_bytes_whatever_the_hash_seed() -> None:
    program = (
        "import hashlib; from datetime import *; from sluice.feed.generate import Traffic;"
        "t = Traffic(2000, cards=300, seed=9, start=datetime(2026, 1, 5, tzinfo=UTC));"
        "print(*[hashlib.sha256(b''.join(g.value + repr(g.label).encode() for g in t)).hexdigest() for _ in 'ab'])"
    )
    answers = set()
    for hash_seed in ("1", "2"):
        environment = {**os.environ, "PYTHONHASHSEED": hash_seed, "TZ": "Asia/Tokyo" if hash_seed == "1" else "UTC"}
        command = [sys.executable, "-c", program]
        done = subprocess.run(command, env=environment, capture_output=True, text=True, check=True)
        answers.update(done.stdout.split())
    assert len(answers) == 1


def test_another_seed_or_start_gives_other_ids() -> None:
    def ids(seed: int, start: datetime) -> set[bytes]:
        return {json.loads(each.value)["transaction_id"] for each in Traffic(50, cards=20, seed=seed, start=start)}

    assert not ids(1, START) & ids(2, START)
    assert not ids(1, START) & ids(1, START + MINUTES)


def test_too_many_for_the_cards_names_the_duration_that_suffices() -> None:
    with pytest.raises(FeedError, match=r"duration of at least (\d+) s, or more cards") as refused:
        Traffic(5_000, cards=10, seed=1, start=START, duration=MINUTES)
    seconds = int(re.search(r"at least (\d+)", str(refused.value))[1])  # type: ignore[index]
    assert len(Traffic(5_000, cards=10, seed=1, start=START, duration=timedelta(seconds=seconds))) == 5_000


def test_naive_start_is_refused() -> None:
    with pytest.raises(FeedError, match="no time zone"):
        Traffic(5, cards=10, seed=1, start=START.replace(tzinfo=None))


def test_people_spend_more_when_they_have_been_paid() -> None:
    month = Traffic(
        30_000, cards=400, seed=4, start=datetime(2026, 3, 1, tzinfo=UTC), duration=timedelta(days=31), fraud_rate=0
    )
    bodies = (json.loads(each.value) for each in month)
    uses = Counter((int(each["customer_id"][1:]), int(each["event_time"][8:10])) for each in bodies)
    paid = rich = poor = 0
    for (customer, day), count in uses.items():
        since = (day - PAYDAYS[customer % len(PAYDAYS)]) % 31
        paid, rich, poor = paid + (since == 0) * count, rich + (since in {1, 2}) * count, poor + (since > 2) * count
    assert 1.1 < paid / (poor / 28) <= SPENDING
    assert 1.1 < rich / 2 / (poor / 28) <= SPENDING
