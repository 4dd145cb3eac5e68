"""Histories of customers, terminals and devices on a local Flink, against the oracle."""

from __future__ import annotations

from collections import Counter, defaultdict
from pathlib import Path
from typing import Any

import pytest

from bench.proof import judge
from contracts import reader
from jobs.fraud_detection import main
from sluice.upgrades import plan
from tests.jobs.fraud_detection.local import ENTITIES, decided, environment, source
from tests.udfs.test_all_histories import traffic, wanted

COUNT_7D = reader.feature_names("terminal").index("count_7d")
SHARED = {"terminal_features", "device_features"}
FIRING = {"high_value", "customer_many_cards", "terminal_card_testing", "device_many_customers"}
KEPT = ["profiled", "profiled_customer", "profiled_device", "profiled_terminal"]


def test_which_histories_are_kept_follows_from_the_rules(tmp_path: Path) -> None:
    table_env, settings = environment(tmp_path, ENTITIES)
    source(table_env, tmp_path / "none", [], 0)
    table_env.execute_sql(
        "create temporary table outputs (topic string, `key` bytes, `value` bytes) with ('connector' = 'blackhole')"
    )
    steps = [each.uid for each in plan.planned(table_env, main.decide(table_env, settings)) if each.uid]
    assert sorted(map(str, steps)) == sorted(["decide", "gate", "gate_source", "ordered", "placed", "seen", *KEPT])


def twice_now_and_then(values: list[bytes]) -> list[bytes]:
    """Each twentieth comes again at once, and leaves no trace in any history."""
    return [value for number, each in enumerate(values) for value in [each] * (1 if number % 20 else 2)]


@pytest.mark.parametrize("parallelism", [1, 2])
def test_features_of_all_histories(parallelism: int, tmp_path: Path) -> None:
    values = twice_now_and_then(traffic(600))
    table_env, settings = environment(tmp_path, ENTITIES, parallelism)
    source(table_env, tmp_path / "rows", values, 0)
    rows = decided(table_env, settings)
    assert Counter(topic for topic, _ in rows)["decisions"] == 600
    assert len(rows) == len(values) > 600
    decisions = [record for topic, record in rows if topic == "decisions"]
    expected = wanted(values, judge.tokeniser(settings.fraud_detection.gate.keys.file))
    # With two subtasks, what customers share has no order that repeats.
    exact = {name for name in expected[0] if parallelism == 1 or name not in {*SHARED, "outcome", "rules"}}
    found = {each["source_offset"]: each | {"rules": [why["rule"] for why in each["reasons"]]} for each in decisions}
    assert found.keys() == expected.keys()
    for offset, of in expected.items():
        assert {name: found[offset][name] for name in exact} == {name: of[name] for name in exact}, offset
    assert {why["rule"] for each in decisions for why in each["reasons"]} == FIRING
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
