"""Patterns on servers: at once, the same again from a backlog, and each with a state of its own."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from shutil import copytree
from typing import Any

import numpy as np
import orjson
import pytest

from bench.proof import judge
from bench.proof.house import House, running
from localstack.stack import Stack
from localstack.waiting import until
from sluice.commands.check_upgrade import findings
from sluice.feed.cards import issue_cards
from sluice.feed.generate import Traffic
from sluice.flink_jobs import named
from sluice.settings import Settings, dump, load
from sluice.upgrades.comparison import Verdict
from tests.oracle import answer
from tests.oracle.examples import body
from tests.oracle.patterns import OF_CARDS, PATTERNS
from tests.oracle.validation import iso

pytestmark = [pytest.mark.servers, pytest.mark.timeout(900)]

JOB = named("fraud_patterns")
FOUND_SECONDS = 60.0
CARDS = [str(number) for number in issue_cards(np.arange(10, dtype=np.int64), salt=99)]
NOW_MS = int(datetime.now(UTC).timestamp() * 1000)


@pytest.fixture(scope="module")
def house(stack: Stack) -> Iterator[House]:
    with running(stack, "patterns", [named("fraud_detection"), JOB]) as house:
        yield house


def use(card: int, number: int, amount_minor: int, **changes: Any) -> tuple[bytes, bytes]:
    """A transaction of one of CARDS, `number` seconds after the start."""
    customer = f"p-{card}"
    fields = {"event_time": iso(NOW_MS + number * 1_000), "customer_id": customer, "card_number": CARDS[card]}
    whole = body(number, amount_minor=amount_minor, transaction_id=f"p-{card}-{number}", **(fields | changes))
    return customer.encode(), json.dumps(whole).encode()


def matched(house: House) -> list[Any]:
    """The alerts of the patterns, with their repeats."""
    alerts = [orjson.loads(each.value) for each in house.read("alerts")]
    return [each for each in alerts if set(each["rules"]) <= set(PATTERNS)]


def last_ids(house: House, pattern: str) -> set[str]:
    return {each["transaction_id"] for each in matched(house) if each["rules"] == [pattern]}


def _has_arrived(house: House, transaction_id: str) -> bool:
    """Whether patterns at terminals see it."""
    uses = (orjson.loads(each.value) for each in house.read("terminal_uses"))
    return transaction_id in {each["transaction_id"] for each in uses}


def verdicts(settings: Settings, savepoint: str) -> dict[str, str]:
    """What `sluice check-upgrade` says of the state that would not simply go on, by its uid."""
    found = findings(JOB, settings, savepoint)
    return {each.operator: each.verdict.value for each in found if each.verdict is not Verdict.CARRIED}


def test_a_match_is_told_though_nothing_follows(house: House) -> None:
    house.send([use(0, 1, 100_00, channel="atm"), use(0, 2, 300_00, channel="atm"), use(0, 3, 600_00, channel="atm")])
    assert until(lambda: "p-0-3" in last_ids(house, "cash_out"), FOUND_SECONDS, 0.2)


def test_many_cards_at_one_terminal_are_told(house: House) -> None:
    for card in range(10):
        house.send([use(card, 100 + card, 25_00, terminal_id="p-attacked")])
        arrived = partial(_has_arrived, house, f"p-{card}-{100 + card}")
        assert until(arrived, FOUND_SECONDS, 0.05)
    assert until(lambda: last_ids(house, "terminal_attack") == {"p-9-109"}, FOUND_SECONDS, 0.2)


def test_live_traffic_and_a_backlog_match_as_the_oracle_says(house: House) -> None:
    start, span = datetime.now(UTC) - timedelta(hours=6), timedelta(hours=6)
    traffic = [
        (each.key, each.value) for each in Traffic(6_000, cards=400, seed=3, start=start, duration=span, fraud_rate=0.1)
    ]
    for begin in range(0, len(traffic), 1_500):
        house.send(traffic[begin : begin + 1_500])
        house.settle(120)
    live = {each["alert_id"]: each for each in matched(house)}
    token = judge.tokeniser(house.settings.fraud_detection.gate.keys.file)
    expected = judge.expected_matches(answer(house.read("transactions")), token, *house.orders())
    assert judge.found_alerts(live.values()) == expected
    assert len(live) == len(expected)
    # A topic that is filled at once comes by partitions, so an attack on a terminal may come in any order.
    assert {each.rules for each in expected} >= {(name,) for name in OF_CARDS}
    house.stack.flink.jobs.cancel(house.ids[JOB.name])
    house.ids[JOB.name] = house.stack.flink.submit(JOB.main, house.file)
    assert until(lambda: len(matched(house)) >= 2 * len(live), FOUND_SECONDS)
    house.settle(120)
    assert Counter(each["alert_id"] for each in matched(house)) == dict.fromkeys(live, 2)


def test_a_pattern_is_taken_away_and_the_others_remember(house: House, tmp_path: Path) -> None:
    house.send([use(1, number, 1_00) for number in range(4)])
    house.settle(120)
    savepoint = house.stack.flink.jobs.stop(house.ids[JOB.name])
    folder = copytree(house.settings.fraud_patterns.patterns, tmp_path / "patterns")
    (folder / "impossible_travel.yaml").unlink()
    section = house.settings.fraud_patterns.model_copy(update={"patterns": folder})
    file = dump(house.settings.model_copy(update={"fraud_patterns": section}), tmp_path / "settings.yaml")
    assert verdicts(house.settings, savepoint) == {}
    lost = verdicts(load(file), savepoint)
    assert set(lost.values()) == {"lost"}
    assert all(each.startswith("impossible_travel_") for each in lost)
    house.ids[JOB.name] = house.stack.flink.submit(JOB.main, file, savepoint, drop_unknown_state=True)
    house.send([use(2, 1, 5_00, country="US"), use(2, 2, 5_00, country="JP"), use(1, 4, 200_00)])
    assert until(lambda: "p-1-4" in last_ids(house, "card_testing"), FOUND_SECONDS)
    house.settle(120)
    assert "p-2-2" not in last_ids(house, "impossible_travel")
    (alert,) = [each for each in matched(house) if each["transaction_id"] == "p-1-4"]
    assert [each["transaction_id"] for each in alert["transactions"]] == [f"p-1-{number}" for number in range(5)]
