"""What breaks and comes back: nothing is lost, nothing stands twice, and no decision waits for the cloud."""

from __future__ import annotations

import signal
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest

from bench.proof import judge, places
from bench.proof.house import running
from localstack.stack import Stack
from localstack.waiting import until
from sluice import aws
from sluice.feed.faults import mix
from sluice.feed.generate import Traffic
from sluice.flink_jobs import named
from tests.oracle import answer

pytestmark = [pytest.mark.servers, pytest.mark.timeout(900)]


def traffic(transactions: int, seed: int) -> Iterator[tuple[bytes, bytes]]:
    now = datetime.now(UTC)
    made = Traffic(transactions, cards=4_000, seed=seed, start=now - timedelta(hours=6), duration=timedelta(hours=6))
    return ((each.key, each.value) for each in mix(made, seed=seed, now=now))


def test_a_killed_task_manager_loses_and_doubles_nothing(stack: Stack) -> None:
    with running(stack, "killed", (named("fraud_detection"), named("lake"))) as house:
        first = house.send(traffic(15_000, seed=1))
        # A checkpoint in between makes the jobs come back to the middle of the log.
        before = house.completed_checkpoints("fraud_detection")
        assert until(lambda: house.completed_checkpoints("fraud_detection") > before + 1, 120)
        others = list(traffic(50_000, seed=2))
        house.send(others[:40_000])
        assert until(lambda: house.decided() > first, 120)
        for name in stack.flink.task_manager_names:
            assert stack.processes.signal(name, signal.SIGKILL) > 0
        house.send(others[40_000:])
        assert until(lambda: not any(map(stack.processes.is_alive, stack.flink.task_manager_names)), 30)
        assert stack.flink.start_missing_task_managers() == list(stack.flink.task_manager_names)
        house.settle(300)
        assert house.restarted("fraud_detection")

        expected = answer(house.read("transactions"))
        token = judge.tokeniser(house.settings.fraud_detection.gate.keys.file)
        decisions = judge.expected_decisions(expected, token)
        assert judge.found_decisions(judge.once(house.read("decisions"), "decision_id")) == decisions
        quarantine = judge.once(house.read("quarantine"), "quarantine_id")
        assert judge.found_quarantine(quarantine) == judge.expected_quarantine(expected)
        alerts = judge.once(house.read("alerts"), "alert_id")
        assert judge.found_alerts(alerts) == judge.expected_alerts(expected, token)
        rows = places.parquet(house.settings)
        assert len(rows["decisions"]) == len(decisions)
        assert judge.found_decisions(rows["decisions"]) == decisions
        assert judge.found_duplicates(rows["duplicates"]) == judge.expected_duplicates(expected)


def test_no_decision_waits_for_an_absent_cloud(stack: Stack) -> None:
    with running(stack, "bulkhead", [named(each) for each in ("fraud_detection", "hot_state", "lake")]) as house:
        house.send(traffic(2_000, seed=3))
        house.settle(240)
        stack.processes.signal("localstack", signal.SIGSTOP)
        try:
            sent = house.send(traffic(5_000, seed=4))
            expected = house.decided() + sent
            assert until(lambda: house.decided() >= expected or house.open_messages("fraud_detection") == 0, 120)
            assert until(lambda: house.open_messages("fraud_detection") == 0, 60)
            assert house.open_messages("hot_state") > 0
            assert house.open_messages("lake") > 0
        finally:
            stack.processes.signal("localstack", signal.SIGCONT)
        house.settle(300)
        expected_rows = judge.expected_decisions(
            answer(house.read("transactions")), judge.tokeniser(house.settings.fraud_detection.gate.keys.file)
        )
        assert judge.found_decisions(places.parquet(house.settings)["decisions"]) == expected_rows
        client = aws.dynamodb(house.settings.aws)
        cards = places.items(client, house.settings.hot_state.cards_table)
        assert places.of_cards(cards) == places.expected_cards(expected_rows)
