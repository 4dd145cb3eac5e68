"""Histories of customers, terminals and devices on a local Flink, against the oracle."""

from __future__ import annotations

from collections import Counter, defaultdict
from pathlib import Path
from random import Random
from typing import Any

import pytest

from bench.proof import judge
from contracts import reader
from jobs.fraud_detection import main
from sluice.feed.cards import card_of
from sluice.upgrades import plan
from tests.jobs.fraud_detection.local import ENTITIES, PARTITION, decided, environment, source
from tests.oracle import answer
from tests.udfs.transactions import NOW_MS, message
from udfs.times import iso_ms

COUNT_7D = reader.feature_names("terminal").index("count_7d")
SHARED = {"terminal_features", "device_features"}
KEPT = ["profiled", "profiled_customer", "profiled_device", "profiled_terminal"]


def traffic(count: int) -> list[bytes]:
    """Of 12 customers with two cards each, at 5 terminals, by 4 devices or none; some messages come twice."""
    rng, found = Random(7), []
    for number in range(count):
        customer = rng.randrange(12)
        value = message(
            transaction_id=f"t-{number}",
            event_time=iso_ms(NOW_MS - 400_000 + 900 * number - rng.choice((0, 0, 0, 7_000))),
            customer_id=f"c-{customer}",
            card_number=card_of(2 * customer + rng.randrange(2)),
            amount_minor=rng.choice((99, 450, 12_000, 90_000)),
            merchant_id=f"m-{rng.randrange(6)}",
            terminal_id=f"p-{rng.randrange(5)}",
            country=rng.choice(("US", "DE", "FR")),
            device_id=rng.choice((None, *(f"d-{each}" for each in range(4)))),
        )
        found += [value] * (2 if rng.random() < 0.05 else 1)
    return found


def wanted(values: list[bytes], key_file: Path) -> dict[int, dict[str, Any]]:
    """What the oracle says of each decision by its offset, all features included."""
    token = judge.tokeniser(key_file)
    log = [(PARTITION, offset, NOW_MS, b"", value) for offset, value in enumerate(values)]
    found = answer(log, rules=ENTITIES, token=token)
    return {
        each.at[1]: {
            "outcome": each.outcome,
            "rules": list(each.rules),
            "features": list(each.features),
            **{f"{entity}_features": list(known) for entity, known in each.others.items()},
        }
        for each in found.decisions
    }


def test_which_histories_are_kept_follows_from_the_rules(tmp_path: Path) -> None:
    table_env, settings = environment(tmp_path, ENTITIES)
    source(table_env, tmp_path / "none", [], 0)
    table_env.execute_sql(
        "create temporary table outputs (topic string, `key` bytes, `value` bytes) with ('connector' = 'blackhole')"
    )
    steps = [each.uid for each in plan.planned(table_env, main.decide(table_env, settings)) if each.uid]
    assert sorted(map(str, steps)) == sorted(["decide", "gate", "gate_source", "ordered", "placed", "seen", *KEPT])


@pytest.mark.parametrize("parallelism", [1, 2])
def test_features_of_all_histories(parallelism: int, tmp_path: Path) -> None:
    values = traffic(600)
    table_env, settings = environment(tmp_path, ENTITIES, parallelism)
    source(table_env, tmp_path / "rows", values, 0)
    rows = decided(table_env, settings)
    assert Counter(topic for topic, _ in rows)["decisions"] == 600
    assert len(rows) == len(values) > 600
    decisions = [record for topic, record in rows if topic == "decisions"]
    expected = wanted(values, settings.fraud_detection.gate.keys.file)
    # With two subtasks, what customers share has no order that repeats.
    exact = {name for name in expected[0] if parallelism == 1 or name not in {*SHARED, "outcome", "rules"}}
    found = {each["source_offset"]: each | {"rules": [why["rule"] for why in each["reasons"]]} for each in decisions}
    assert found.keys() == expected.keys()
    for offset, of in expected.items():
        assert {name: found[offset][name] for name in exact} == {name: of[name] for name in exact}, offset
    assert {why["rule"] for each in decisions for why in each["reasons"]} >= {
        "high_value",
        "terminal_card_testing",
        "device_many_customers",
    }
    _each_card_in_kafkas_order(rows)
    _no_transaction_is_counted_twice(decisions)


def _each_card_in_kafkas_order(rows: list[tuple[str, dict[str, Any]]]) -> None:
    """Whoever reads the decisions of a card counts on it."""
    last: dict[str, int] = {}
    for topic, record in rows:
        if topic == "decisions":
            assert last.get(record["card_token"], -1) < record["source_offset"]
            last[record["card_token"]] = record["source_offset"]


def _no_transaction_is_counted_twice(decisions: list[dict[str, Any]]) -> None:
    """In whatever order they come, the n transactions of a week see 1 to n of them."""
    counts = defaultdict(list)
    for each in decisions:
        counts[each["terminal_id"]].append(each["terminal_features"][COUNT_7D])
        if each["device_id"] is not None:
            counts[each["device_id"]].append(each["device_features"][COUNT_7D])
        else:
            assert set(each["device_features"][:-1]) == {0}
            assert each["device_features"][-1] == -1
    assert len(counts) == 9
    assert {key: sorted(found) for key, found in counts.items()} == {
        key: list(range(1, len(found) + 1)) for key, found in counts.items()
    }
