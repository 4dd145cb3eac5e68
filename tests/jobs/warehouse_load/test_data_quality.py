"""The data-quality score: what came in by hour and source, and the share of it that was held back."""

from __future__ import annotations

from datetime import datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

from jobs.warehouse_load.load import load
from sluice import reports, warehouse
from sluice.commands.report import as_csv
from tests.jobs.warehouse_load.lake_maker import NOON, decision, row, write

REPORT = "data-quality"
HOUR = timedelta(hours=1)


def valid(offset: int, at: datetime = NOON, partition: int = 0) -> dict[str, Any]:
    return decision(offset, source_partition=partition, source_offset=offset, ingested_at=at)


def held(offset: int, reason: str, at: datetime = NOON, step: str = "gate") -> dict[str, Any]:
    where = {"source_partition": 0, "source_offset": offset, "ingested_at": at}
    return row("quarantine", quarantine_id=f"q{offset}{step}", reason=reason, step=step, **where)


def repeat(offset: int) -> dict[str, Any]:
    where = {"source_partition": 0, "source_offset": offset, "ingested_at": NOON}
    return row("duplicates", duplicate_id=f"r{offset}", **where)


def test_each_hour_and_source_has_its_score(tmp_path: Path) -> None:
    reasons = [held(3, "too_old"), held(4, "not_json"), held(5, "not_json"), held(2, "x", step="hot_state")]
    files = [
        *write(tmp_path, "decisions", [valid(1), valid(2, NOON + HOUR), valid(9, partition=1)]),
        *write(tmp_path, "quarantine", reasons),
        *write(tmp_path, "duplicates", [repeat(6)]),
    ]
    with warehouse.opened(tmp_path / "w.duckdb", create=True) as connection:
        load(connection, files)
        answer = reports.ask(connection, REPORT)
        noon, later = datetime(2026, 11, 3, 12), datetime(2026, 11, 3, 13)  # noqa: DTZ001 - the hour in UTC, as reported
        assert answer.rows == [
            (noon, 0, 5, 1, 1, 3, "not_json", Decimal("40.000")),
            (noon, 1, 1, 1, 0, 0, None, Decimal("100.000")),
            (later, 0, 1, 1, 0, 0, None, Decimal("100.000")),
        ]
        assert sum(each[2] for each in reports.ask(connection, REPORT, NOON).rows) == 6


def test_an_end_that_comes_again_changes_no_answer(tmp_path: Path) -> None:
    with warehouse.opened(tmp_path / "w.duckdb", create=True) as connection:
        load(connection, write(tmp_path, "decisions", [valid(1)]))
        before = reports.ask(connection, REPORT)
        again = [*write(tmp_path, "duplicates", [repeat(1)]), *write(tmp_path, "quarantine", [held(7, "too_old")])]
        load(connection, again)
        assert as_csv(reports.ask(connection, REPORT, before.as_of, before.as_known)) == as_csv(before)
        assert [each[2:6] for each in reports.ask(connection, REPORT).rows] == [(2, 1, 0, 1)]
