"""The job on real servers: from Kafka to S3 to the warehouse, and what a malformed message does to it."""

from __future__ import annotations

import re
from datetime import timedelta
from pathlib import Path

import pytest

from bench.proof import places
from bench.proof.house import House, running
from bench.proof.judge import Facts
from jobs.warehouse_load import lake_files
from localstack.stack import Stack
from localstack.waiting import until
from sluice import aws, kafka, reports, warehouse
from sluice.commands.compact import compact
from sluice.commands.load import load
from sluice.commands.report import as_csv
from sluice.compaction.objects import opened
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


def settings_file(house: House) -> Path:
    return house.settings.local.home / "lake-alone" / "settings.yaml"


def carried(house: House, capsys: pytest.CaptureFixture[str]) -> str:
    """What `sluice load` prints once the job has carried all."""
    house.settle(PATIENCE_S)
    load(settings_file=settings_file(house))
    return capsys.readouterr().out


def compacted(house: House, capsys: pytest.CaptureFixture[str]) -> list[str]:
    """What `sluice compact` prints, line by line."""
    compact(settings_file=settings_file(house))
    return capsys.readouterr().out.splitlines()


def check_compaction(house: House, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    """The job goes on meanwhile; the lake, the warehouse and a past answer stay as they are."""
    settings = house.settings
    before, files = places.parquet(settings), list(lake_files.on_s3(settings.aws, settings.lake))
    with warehouse.opened(settings.warehouse.database) as connection:
        past = reports.ask(connection, "transactions-by-day")
    printed = compacted(house, capsys)
    assert printed[-1].endswith("the old ones are deleted by a run after 72 h")
    assert re.match(r"decisions/event_date=2026-11-03: \d+ files with \d+ rows merged into 1", printed[0])
    assert "nothing new in s3://" in carried(house, capsys)
    assert len(list(lake_files.on_s3(settings.aws, settings.lake))) < len(files)
    assert as_text(places.parquet(settings)) == as_text(before)
    monkeypatch.setenv("SLUICE_LAKE__GRACE_HOURS", "0.000001")
    assert all("files deleted that had been merged before" in each for each in compacted(house, capsys))
    assert compacted(house, capsys)[0].startswith("nothing to merge in s3://")
    assert as_text(places.parquet(settings)) == as_text(before)
    with warehouse.opened(settings.warehouse.database) as connection:
        assert as_csv(reports.ask(connection, "transactions-by-day", past.as_of, past.as_known)) == as_csv(past)


def check_that_a_broken_file_is_held(house: House, capsys: pytest.CaptureFixture[str]) -> None:
    """On S3 too it is told apart from a lake that does not answer, and it is in nobody's way once it is gone."""
    settings = house.settings
    key, client = f"{settings.lake.prefix}/decisions/event_date=2026-11-03/part-broken", aws.s3(settings.aws)
    client.put_object(Bucket=settings.lake.bucket, Key=key, Body=b"PAR1 cut off")
    load(settings_file=settings_file(house))
    printed = capsys.readouterr()
    assert printed.out.startswith("nothing new in s3://")
    assert f"  s3://{settings.lake.bucket}/{key}\n    unreadable: " in printed.err
    client.delete_object(Bucket=settings.lake.bucket, Key=key)


def check_that_an_object_is_put_once(settings: Settings) -> None:
    """What two compactions at once stand on."""
    key = f"{settings.lake.prefix}/elsewhere"
    with opened(settings.aws, settings.lake) as objects:
        assert [objects.put_new(key, each) for each in (b"first", b"second")] == [True, False]
        assert objects.read(objects.uri(key)) == b"first"
        objects.delete([key])
        assert list(objects.list(key)) == []


def as_text(found: dict[str, list[Facts]]) -> dict[str, list[str]]:
    return {kind: sorted(map(repr, rows)) for kind, rows in found.items()}


def test_from_kafka_to_the_warehouse_once(
    stack: Stack, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
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
        check_that_a_broken_file_is_held(house, capsys)
        check_compaction(house, capsys, monkeypatch)
        check_that_an_object_is_put_once(house.settings)

        send(house.settings, "decisions", ['{"decision_id": "cut o'])
        job = house.ids["lake"]
        trouble = stack.flink.jobs.trouble
        assert until(lambda: "no failure" not in trouble(job), PATIENCE_S)
        assert "decision_id" in trouble(job)
        assert transactions(house.settings) == 301
