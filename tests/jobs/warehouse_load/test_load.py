"""A load is exactly once, whole or not at all, and only ever moves recorded time forward."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import duckdb
import pytest

from jobs.warehouse_load.load import load
from sluice import warehouse
from sluice.warehouse import TICK
from tests.jobs.warehouse_load.lake_maker import NOON, decision, row, write

CLOCK = datetime(2026, 11, 4, 9, tzinfo=UTC)


@pytest.fixture
def connection(tmp_path: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    with warehouse.opened(tmp_path / "w.duckdb", create=True) as opened:
        yield opened


def at(moment: datetime) -> Callable[[], datetime]:
    return lambda: moment


def content(connection: duckdb.DuckDBPyConnection) -> list[list[str]]:
    manifest = connection.sql("select cast(columns(*) as varchar) from load_manifest order by path")
    decisions = connection.sql("select cast(columns(*) as varchar) from stg_decisions order by decision_id")
    return [[str(each) for each in relation.fetchall()] for relation in (manifest, decisions)]


def test_every_field_arrives_as_it_was_written(connection: duckdb.DuckDBPyConnection, tmp_path: Path) -> None:
    kinds = ("decisions", "quarantine", "duplicates")
    files = [each for kind in kinds for each in write(tmp_path, kind, [row(kind)])]
    loaded = load(connection, files, at(CLOCK))
    assert loaded.rows == dict.fromkeys(kinds, 1)
    assert loaded.recorded_at == CLOCK
    found = connection.sql(
        "select epoch_ms(event_time), event_date::varchar, reasons[1].values['amount_usd_minor'], features, "
        "latency_ms.gate, epoch_ms(recorded_at) from lake_decisions"
    ).fetchall()
    noon_ms, clock_ms = int(NOON.timestamp() * 1_000), int(CLOCK.timestamp() * 1_000)
    assert found == [(noon_ms, "2026-11-03", 80_001, [7], 7, clock_ms)]


def test_a_second_load_of_the_same_files_changes_nothing(connection: duckdb.DuckDBPyConnection, tmp_path: Path) -> None:
    files = write(tmp_path, "decisions", [decision(1), decision(2, event_time=NOON + timedelta(days=1))])
    assert load(connection, files, at(CLOCK)).rows["decisions"] == 2
    before = content(connection)
    again = load(connection, files, at(CLOCK + timedelta(hours=1)))
    assert again.recorded_at is None
    assert sum(again.files.values()) == sum(again.rows.values()) == 0
    assert content(connection) == before


def test_rows_that_the_lake_holds_twice_are_loaded_once(connection: duckdb.DuckDBPyConnection, tmp_path: Path) -> None:
    load(connection, write(tmp_path, "decisions", [decision(1), decision(2)]), at(CLOCK))
    repeats = write(tmp_path, "decisions", [decision(2), decision(3), decision(3)], name="part-2")
    loaded = load(connection, repeats, at(CLOCK))
    assert (loaded.rows["decisions"], loaded.repeats["decisions"]) == (1, 2)
    assert connection.sql("select list(decision_id order by decision_id) from lake_decisions").fetchall() == [
        (["d1", "d2", "d3"],)
    ]


def test_recorded_time_only_moves_forward(connection: duckdb.DuckDBPyConnection, tmp_path: Path) -> None:
    moments = []
    for number, clock in enumerate([CLOCK, CLOCK, CLOCK - timedelta(days=1)]):
        files = write(tmp_path, "decisions", [decision(number)], name=f"part-{number}")
        moments.append(load(connection, files, at(clock)).recorded_at)
    assert moments == [CLOCK, CLOCK + TICK, CLOCK + 2 * TICK]


def test_a_load_is_recorded_after_every_answer(connection: duckdb.DuckDBPyConnection, tmp_path: Path) -> None:
    load(connection, write(tmp_path, "decisions", [decision(1)]), at(CLOCK))
    answered = CLOCK + timedelta(hours=2)
    warehouse.note_answer(connection, answered)
    warehouse.note_answer(connection, CLOCK)
    late = load(connection, write(tmp_path, "decisions", [decision(2)], name="part-2"), at(CLOCK + timedelta(hours=1)))
    assert late.recorded_at == answered + TICK


def test_a_field_that_the_contract_gained_is_null_in_older_files(
    connection: duckdb.DuckDBPyConnection, tmp_path: Path
) -> None:
    connection.execute("create table lake_decisions (decision_id varchar, event_time timestamptz)")
    files = write(tmp_path, "decisions", [decision(1)], without="entry_mode")
    files += write(tmp_path, "decisions", [decision(2)], name="part-2")
    assert load(connection, files, at(CLOCK)).rows["decisions"] == 2
    assert connection.sql("select entry_mode from lake_decisions order by decision_id").fetchall() == [(None,), ("x",)]
