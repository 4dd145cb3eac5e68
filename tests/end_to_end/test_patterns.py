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
from jobs.fraud_patterns import main
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
from tests.oracle.patterns import OF_CARDS, OF_CUSTOMERS, PATTERNS
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


def event(customer: str, number: int, kind: str, **changes: Any) -> tuple[bytes, bytes]:
    """An event of a customer, `number` seconds after the start."""
    fields = {"event_id": f"{customer}-{number}", "event_time": iso(NOW_MS + number * 1_000), "customer_id": customer}
    return customer.encode(), json.dumps(fields | {"kind": kind} | changes).encode()


def _have_arrived(house: House, ids: set[str]) -> bool:
    """Whether patterns over events and transfers see these."""
    return ids <= {each.get("event_id") or each["transaction_id"] for each in house.values("customer_activity")}


def test_an_account_that_is_taken_over_is_told_in_whatever_order(house: House) -> None:
    acts = {
        customer: (event(customer, 201, "device_added"), event(customer, 202, "profile_changed")) for customer in "xy"
    }
    transfers = [
        use(card, 203, 600_00, channel="transfer", customer_id=customer, terminal_id="web")
        for card, customer in ((3, "x"), (4, "y"))
    ]
    house.send([*acts["x"], acts["x"][0], event("x", 204, "moved_house")], "customer_events")
    house.send(transfers[1:])
    assert until(partial(_have_arrived, house, {"x-201", "x-202", "p-4-203"}), FOUND_SECONDS, 0.05)
    assert last_ids(house, "account_takeover") == set()
    house.send(transfers[:1])
    house.send(acts["y"], "customer_events")
    assert until(lambda: last_ids(house, "account_takeover") == {"p-3-203", "p-4-203"}, FOUND_SECONDS, 0.05)
    for alert in (each for each in matched(house) if each["rules"] == ["account_takeover"]):
        customer = alert["customer_id"]
        told = [(each["event_id"], each["kind"]) for each in alert["customer_events"]]
        assert told == [(f"{customer}-201", "device_added"), (f"{customer}-202", "profile_changed")]
    (held,) = house.values("quarantine")
    assert (held["source_topic"], held["reason"], held["field"], held["customer_id"]) == (
        house.settings.kafka.topics.customer_events,
        "bad_format",
        "kind",
        "x",
    )


def test_live_traffic_and_a_backlog_match_as_the_oracle_says(house: House) -> None:
    start, span = datetime.now(UTC) - timedelta(hours=6), timedelta(hours=6)
    made = Traffic(6_000, cards=400, seed=3, start=start, duration=span, fraud_rate=0.1)
    traffic, events = ([(each.key, each.value) for each in some] for some in (made, made.customer_events()))
    house.send(events[::2], "customer_events")
    for begin in range(0, len(traffic), 1_500):
        house.send(traffic[begin : begin + 1_500])
        house.settle(120)
    house.send(events[1::2], "customer_events")
    house.settle(120)
    live = {each["alert_id"]: each for each in matched(house)}
    token = judge.tokeniser(house.settings.fraud_detection.gate.keys.file)
    expected = judge.expected_matches(answer(house.read("transactions")), token, *house.orders())
    assert judge.found_alerts(live.values()) == expected
    assert len(live) == len(expected)
    # A topic that is filled at once comes by partitions, so an attack on a terminal may come in any order.
    assert {each.rules for each in expected} >= {(name,) for name in (*OF_CARDS, *OF_CUSTOMERS)}
    house.stack.flink.jobs.cancel(house.ids[JOB.name])
    house.ids[JOB.name] = house.stack.flink.submit(JOB.main, house.file)
    assert until(lambda: len(matched(house)) >= 2 * len(live), FOUND_SECONDS)
    house.settle(120)
    assert Counter(each["alert_id"] for each in matched(house)) == dict.fromkeys(live, 2)


def with_another_column(folder: Path) -> Path:
    """The job's SQL, in which decisions that patterns look at have one column more."""
    changed = copytree(main.SQL, folder) / "first_decisions.sql"
    changed.write_text(changed.read_text(encoding="utf-8").replace("card_token,", "card_token,\n    customer_id,", 1))
    return folder


def test_a_pattern_is_taken_away_and_the_others_remember(
    house: House, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    house.send([use(1, number, 1_00) for number in range(4)])
    house.settle(120)
    savepoint = house.stack.flink.jobs.stop(house.ids[JOB.name])
    folder = copytree(house.settings.fraud_patterns.patterns, tmp_path / "patterns")
    (folder / "impossible_travel.yaml").unlink()
    section = house.settings.fraud_patterns.model_copy(update={"patterns": folder})
    file = dump(house.settings.model_copy(update={"fraud_patterns": section}), tmp_path / "settings.yaml")
    assert verdicts(house.settings, savepoint) == {}
    with monkeypatch.context() as patched:
        patched.setattr(main, "SQL", with_another_column(tmp_path / "sql"))
        assert verdicts(house.settings, savepoint) == {"impossible_travel_match": "changed"}
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
