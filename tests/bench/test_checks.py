"""The checks pass on what is right, and each fails on what it is there to see: negative controls without servers."""

from __future__ import annotations

import copy
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import orjson
import pytest

from bench.proof import checks, judge
from bench.proof.found import Found
from bench.proof.judge import Facts
from sluice.feed.faults import mix
from sluice.feed.generate import Traffic
from sluice.kafka import Record
from tests.oracle import Answer, answer
from tests.oracle.episodes import episodes
from tests.oracle.references import enrichment
from tests.oracle.validation import MAX_BYTES
from udfs.times import clock_ms, iso_ms

NOW = datetime.now(UTC)
TRAFFIC = Traffic(1_500, cards=60, seed=5, start=NOW - timedelta(hours=9), duration=timedelta(hours=9), fraud_rate=0.05)
PLANTED = frozenset(TRAFFIC.planted_cards)
LOG = [
    Record(0, offset, clock_ms(), each.key, each.value)
    for offset, each in enumerate(mix(TRAFFIC, seed=5, now=NOW, rate=0.1))
]


def token(number: str) -> str:
    return f"k1_{hash(number):x}"


def _place(at: tuple[int, int]) -> Facts:
    return {"source_partition": at[0], "source_offset": at[1]}


def _money(at: tuple[int, int], expected: Answer) -> Facts:
    """What the gate could read of a record that it held back."""
    value = LOG[at[1]].value
    try:
        body = orjson.loads(value) if len(value) <= MAX_BYTES else None
    except orjson.JSONDecodeError:
        body = None
    if (
        not isinstance(body, dict)
        or type(body.get("amount_minor")) is not int
        or body.get("currency") not in expected.money
    ):
        return {"amount_minor": None, "currency": None}
    return {name: body[name] for name in ("amount_minor", "currency")}


def _right() -> Found:
    """What jobs without a fault would have left of LOG."""
    expected = answer(LOG)
    decisions = [
        facts
        | _place(at)
        | {
            "decision_id": f"d{at[1]}",
            "latency_ms": {"gate": 1},
            "reasons": [{"rule": name} for name in facts["rules"]],
        }
        for at, facts in judge.expected_decisions(expected, token).items()
    ]
    for row in decisions:
        del row["rules"]
    quarantine = [
        {"quarantine_id": f"q{each.at[1]}", "reason": each.reason, "field": each.field, "step": each.step}
        | _place(each.at)
        | _money(each.at, expected)
        for each in expected.quarantined
    ]
    duplicates = [
        {"duplicate_id": f"r{each.at[1]}", "first_partition": each.first[0], "first_offset": each.first[1]}
        | _place(each.at)
        | _money(each.at, expected)
        for each in expected.duplicates
    ]
    wanted = sorted(judge.expected_alerts(expected, token)) + sorted(judge.expected_matches(expected, token))
    alerts = [
        each._asdict()
        | {
            "alert_id": f"a{number}",
            "rules": list(each.rules),
            "transactions": [{"transaction_id": one} for one in each.matched] or None,
            "severity": "medium",
            "event_time": iso_ms(clock_ms() + number * 4_000),
        }
        for number, each in enumerate(wanted)
    ]
    ends = {"decisions": decisions, "quarantine": quarantine, "duplicates": duplicates}
    by_id = {row["alert_id"]: row for row in alerts}
    versions = [
        {"version_id": f"v{one}", "episode_id": f"e{ids[0]}", "alert": by_id[one]}
        for ids in episodes(alerts)
        for one in ids
    ]
    order = [each.at for each in expected.decisions]
    enriched = [
        copy.deepcopy(row) | enrichment(row, {}) | {"enriched_at": "2026-01-05T08:00:00.000Z"} for row in decisions
    ]
    topics = ends | {"alerts": alerts, "episodes": versions, "enriched_decisions": enriched}
    return Found(LOG, copy.deepcopy(topics), copy.deepcopy(ends), None, order, gathered=True, enriched=True)


RIGHT = _right()


def failed(found: Found, artefacts: tuple[tuple[str, bytes], ...] = ()) -> set[str]:
    return {each.name for each in checks.check(found, token, PLANTED, artefacts) if not each.passed}


def test_what_is_right_passes_and_there_is_much_of_it() -> None:
    found = checks.check(RIGHT, token, PLANTED, ())
    assert [each for each in found if not each.passed] == []
    assert len(found) == 16
    assert all(len(rows) > 10 for rows in RIGHT.topics.values())


def test_a_record_written_again_is_no_fault_in_a_topic() -> None:
    found = copy.deepcopy(RIGHT)
    again = copy.deepcopy(found.topics["decisions"][0])
    again["latency_ms"] = {"gate": 999}
    found.topics["decisions"].append(again)
    assert failed(found) == set()


def _lose_a_decision(found: Found) -> None:
    found.topics["decisions"].pop()


def _decide_twice(found: Found) -> None:
    found.topics["decisions"].append(found.topics["decisions"][0] | {"decision_id": "other"})


def _hold_back_what_was_decided(found: Found) -> None:
    row = found.topics["decisions"].pop()
    held = {"quarantine_id": "x", "reason": "not_json", "field": None, "step": "gate"}
    found.topics["quarantine"].append({**row, **held})


def _forget_a_transaction_of_the_card(found: Found) -> None:
    found.topics["decisions"][-1]["features"][0] += 1


def _lose_an_alert(found: Found) -> None:
    found.topics["alerts"].pop()


def _lose_a_transaction_of_a_match(found: Found) -> None:
    assert found.topics["alerts"][-1]["rules"] == ["impossible_travel"]
    found.topics["alerts"][-1]["transactions"].pop()


def _look_for_no_patterns(found: Found) -> None:
    found.at_terminals = None


def _lose_an_enriched_decision(found: Found) -> None:
    found.topics["enriched_decisions"].pop()


def _call_a_default_known(found: Found) -> None:
    found.topics["enriched_decisions"][0]["defaulted"].remove("merchant_risk")


def _raise_an_alert_twice(found: Found) -> None:
    found.topics["alerts"].append(found.topics["alerts"][0] | {"alert_id": "other"})


def _open_an_episode_too_many(found: Found) -> None:
    grown = next(row for row in found.topics["episodes"] if row["episode_id"] != f"e{row['alert']['alert_id']}")
    grown["episode_id"] = "other"


def _say_something_else_the_second_time(found: Found) -> None:
    found.topics["alerts"].insert(0, found.topics["alerts"][0] | {"text": "other"})


def _change_an_amount(found: Found) -> None:
    found.topics["duplicates"][0]["amount_minor"] += 1


def _double_a_row_in_the_lake(found: Found) -> None:
    assert found.parquet is not None
    found.parquet["duplicates"].append(found.parquet["duplicates"][0])


def _lose_a_row_in_the_lake(found: Found) -> None:
    assert found.parquet is not None
    found.parquet["quarantine"].pop()


@pytest.mark.parametrize(
    ("tamper", "seen_by"),
    [
        (_lose_a_decision, {"D1 one end each", "D2 decisions", "D4 money"}),
        (_decide_twice, {"D1 one end each", "D4 money"}),
        (_hold_back_what_was_decided, {"D2 decisions", "D2 quarantine", "D4 money"}),
        (_forget_a_transaction_of_the_card, {"D2 decisions"}),
        (_lose_an_alert, {"D2 alerts", "D2 episodes"}),
        (_lose_a_transaction_of_a_match, {"D2 alerts"}),
        (_look_for_no_patterns, {"D2 alerts"}),
        (_raise_an_alert_twice, {"D2 alerts", "D2 episodes"}),
        (_open_an_episode_too_many, {"D2 episodes"}),
        (_lose_an_enriched_decision, {"D2 enriched decisions"}),
        (_call_a_default_known, {"D2 enriched decisions"}),
        (_say_something_else_the_second_time, {"D3 repeats agree"}),
        (_change_an_amount, {"D4 money"}),
        (_double_a_row_in_the_lake, {"D3 lake duplicates"}),
        (_lose_a_row_in_the_lake, {"D2 lake quarantine"}),
    ],
)
def test_each_damage_is_seen(tamper: Callable[[Found], None], seen_by: set[str]) -> None:
    found = copy.deepcopy(RIGHT)
    tamper(found)
    assert failed(found) == seen_by


def test_a_card_number_in_any_artefact_is_seen() -> None:
    number = min(PLANTED)
    assert failed(RIGHT, (("log:x", f"card {number[:4]} {number[4:8]} {number[8:12]} {number[12:]}".encode()),)) == {
        "D6 no card number"
    }
    found = copy.deepcopy(RIGHT)
    found.topics["quarantine"][0]["payload"] = number
    assert failed(found) == {"D6 no card number"}
