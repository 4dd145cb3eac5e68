"""The warehouse holds each row once and answers as before, whatever is merged between its loads."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory

import duckdb
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from jobs.warehouse_load import lake_files
from jobs.warehouse_load.load import Loaded, load
from sluice import reports, warehouse
from sluice.commands.report import as_csv
from sluice.compaction import log
from tests.compaction.store import GRACE, FolderObjects, compact, listed, names, rows
from tests.jobs.warehouse_load.lake_maker import decision, write

REPORT = "transactions-by-day"


@pytest.fixture
def connection(tmp_path: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    with warehouse.opened(tmp_path / "w.duckdb", create=True) as opened:
        yield opened


def add(store: FolderObjects, name: str, *numbers: int) -> None:
    rows = [decision(number, amount_minor=number, reasons=[]) for number in numbers]
    write(store.root / "lake", "decisions", rows, f"part-{name}")


def loaded(connection: duckdb.DuckDBPyConnection, store: FolderObjects) -> Loaded:
    return load(connection, lake_files.live(store, "lake"), replaced=partial(log.replaced, store))


def numbers(connection: duckdb.DuckDBPyConnection) -> list[str]:
    return [each for (each,) in connection.sql("select decision_id from lake_decisions order by all").fetchall()]


def test_what_was_loaded_is_not_loaded_again(connection: duckdb.DuckDBPyConnection, tmp_path: Path) -> None:
    store = FolderObjects(tmp_path)
    add(store, "a", 1, 2)
    add(store, "b", 2, 3)
    first = loaded(connection, store)
    assert (first.rows["decisions"], first.repeats["decisions"]) == (3, 1)
    before = reports.ask(connection, REPORT)
    compact(store)
    again = loaded(connection, store)
    assert again.recorded_at is None
    assert sum(again.files.values()) == 0
    assert as_csv(reports.ask(connection, REPORT, before.as_of, before.as_known)) == as_csv(before)
    noted = connection.sql("select rows, loaded_at = (select min(loaded_at) from load_manifest) from load_manifest")
    assert noted.fetchall() == [(2, True), (2, True), (4, True)]


def test_what_was_loaded_in_part_is_loaded_for_the_rest(connection: duckdb.DuckDBPyConnection, tmp_path: Path) -> None:
    store = FolderObjects(tmp_path)
    add(store, "a", 1, 2, 2)
    assert loaded(connection, store).repeats["decisions"] == 1
    before = reports.ask(connection, REPORT)
    add(store, "b", 2, 3)
    compact(store)
    store.now += GRACE
    compact(store)
    assert [each.partition("-")[0] for each in names(store)] == ["merged"]
    second = loaded(connection, store)
    assert (second.files["decisions"], second.rows["decisions"], second.repeats["decisions"]) == (1, 1, 1)
    assert numbers(connection) == ["d1", "d2", "d3"]
    assert as_csv(reports.ask(connection, REPORT, before.as_of, before.as_known)) == as_csv(before)


def test_what_was_merged_twice_is_still_known(connection: duckdb.DuckDBPyConnection, tmp_path: Path) -> None:
    """The load has seen the first files and the late one, and never the file between."""
    store = FolderObjects(tmp_path)
    add(store, "a", 1)
    add(store, "b", 2)
    loaded(connection, store)
    compact(store)
    add(store, "late", 3)
    load(connection, [each for each in lake_files.live(store, "lake") if "part-late" in each.path])
    compact(store)
    assert len(names(store)) == 1
    assert loaded(connection, store).recorded_at is None
    assert numbers(connection) == ["d1", "d2", "d3"]


def test_a_new_warehouse_has_all_from_what_was_merged(connection: duckdb.DuckDBPyConnection, tmp_path: Path) -> None:
    store = FolderObjects(tmp_path)
    add(store, "a", 1, 2)
    add(store, "b", 3)
    compact(store)
    assert loaded(connection, store).rows["decisions"] == 3
    assert loaded(connection, store).recorded_at is None


STEPS = st.one_of(
    st.tuples(st.just("add"), st.lists(st.integers(0, 400), min_size=1, max_size=40)),
    st.tuples(st.just("compact"), st.sampled_from([30_000, 60_000, 1 << 30])),
    st.tuples(st.just("wait"), st.integers(1, 80)),
    st.tuples(st.just("load"), st.none()),
)


@settings(max_examples=8)
@given(st.lists(STEPS, min_size=3, max_size=12))
def test_any_course_of_events_keeps_rows_and_answers(steps: list[tuple[str, object]]) -> None:
    with TemporaryDirectory() as folder, warehouse.opened(Path(folder, "w.duckdb"), create=True) as connection:
        store, plain = FolderObjects(Path(folder)), FolderObjects(Path(folder, "as-written"))
        held: list[reports.Answer] = []
        for at, (step, value) in enumerate(steps):
            if step == "add":
                assert isinstance(value, list)
                add(store, f"{at}", *value)
                add(plain, f"{at}", *value)
            elif step == "compact":
                assert isinstance(value, int)
                compact(store, value)
            elif step == "wait":
                assert isinstance(value, int)
                store.now += timedelta(hours=value)
            elif loaded(connection, store).recorded_at:
                held.append(reports.ask(connection, REPORT))
            assert rows(listed(store)) == rows(listed(plain))
        loaded(connection, store)
        wanted = {each for step, value in steps if step == "add" and isinstance(value, list) for each in value}
        assert numbers(connection) == sorted(f"d{each}" for each in wanted)
        for each in held:
            assert as_csv(reports.ask(connection, REPORT, each.as_of, each.as_known)) == as_csv(each)
        assert connection.sql("select coalesce(sum(amount_minor), 0) from lake_decisions").fetchall() == [
            (sum(wanted),)
        ]
