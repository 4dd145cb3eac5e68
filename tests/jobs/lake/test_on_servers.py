"""The job on real servers: from Kafka to S3 to the warehouse, and what a malformed message does to it."""

from __future__ import annotations

from datetime import timedelta

import pytest

from bench.proof.house import House, running
from localstack.stack import Stack
from localstack.waiting import until
from sluice import kafka, reports, warehouse
from sluice.commands.load import load
from sluice.flink_jobs import named
from sluice.settings import Settings
from tests.jobs.lake.test_lake import wire
from tests.jobs.warehouse_load.lake_maker import NOON, decision, row

pytestmark = pytest.mark.servers
PATIENCE_S = 240.0


def send(settings: Settings, kind: str, lines: list[str]) -> None:
    sender = kafka.BulkSender(settings.kafka.bootstrap)
    for number, line in enumerate(lines):
        sender.send(getattr(settings.kafka.topics, kind), str(number).encode(), line.encode())
    sender.close()


def transactions(settings: Settings) -> int:
    """How many the report counts now."""
    with warehouse.opened(settings.warehouse.database) as connection:
        answer = reports.ask(connection, "transactions-by-day", NOON + timedelta(days=9))
    return sum(each[2] for each in answer.rows)


def carried(house: House, capsys: pytest.CaptureFixture[str]) -> str:
    """What `sluice load` prints once the job has carried all."""
    house.settle(PATIENCE_S)
    load(settings_file=house.settings.local.home / "lake-alone" / "settings.yaml")
    return capsys.readouterr().out


def test_from_kafka_to_the_warehouse_once(stack: Stack, capsys: pytest.CaptureFixture[str]) -> None:
    with running(stack, "lake-alone", [named("lake")]) as house:
        lines = [wire(decision(number, event_time=NOON + timedelta(days=number % 3))) for number in range(300)]
        send(house.settings, "decisions", lines + lines[:100])
        send(house.settings, "quarantine", [wire(row("quarantine"))] * 2)
        printed = carried(house, capsys).splitlines()
        rows_and_repeats = [each.split()[2:] for each in printed if each.strip().startswith("lake_")]
        assert rows_and_repeats == [["300", "0"], ["1", "0"], ["0", "0"]]
        assert printed[-1] == "next: sluice report transactions-by-day"
        assert transactions(house.settings) == 300
        # Repeats of a later checkpoint are still known.
        send(house.settings, "decisions", [*lines[:50], wire(decision(300))])
        assert "nothing new" not in carried(house, capsys)
        assert transactions(house.settings) == 301
        assert "nothing new in s3://" in carried(house, capsys)

        send(house.settings, "decisions", ['{"decision_id": "cut o'])
        job = house.ids["lake"]
        trouble = stack.flink.jobs.trouble
        assert until(lambda: "no failure" not in trouble(job), PATIENCE_S)
        assert "decision_id" in trouble(job)
        assert transactions(house.settings) == 301
