"""What holds for every report, on loads with late rows, repeats and decisions taken anew.

An answer stays as it was given; a difference between two moments of knowledge is whole, with records behind each row.
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import duckdb
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from jobs.warehouse_load import labels
from jobs.warehouse_load.lake_files import LakeFile
from jobs.warehouse_load.load import load
from sluice import reports, restatements, warehouse
from sluice.commands.report import as_csv, as_json
from sluice.warehouse import WarehouseError
from tests.jobs.nightly_reporting.books import published
from tests.jobs.warehouse_load.lake_maker import HIGH_VALUE, NOON, decision, row, write, write_labels

FIRST_LOAD = datetime(2026, 11, 10, tzinfo=UTC)
TRANSACTIONS = [f"t{number}" for number in range(7)]
Batch = dict[str, list[dict[str, Any]]]


@st.composite
def transactions(draw: st.DrawFn, number: int) -> dict[str, Any]:
    """A transaction of one of two cards, which arrived some time after it happened."""
    happened = NOON + timedelta(minutes=draw(st.integers(-3_000, 3_000)))
    return {
        "number": number,
        "card_token": draw(st.sampled_from(["card-a", "card-b"])),
        "merchant_id": draw(st.sampled_from(["m1", "m2"])),
        "event_time": happened,
        "ingested_at": happened + timedelta(minutes=draw(st.integers(0, 3_000))),
        "amount_minor": draw(st.integers(1, 10**6)),
        "amount_usd_minor": draw(st.integers(1, 10**6)),
        "currency": draw(st.sampled_from(["EUR", "USD"])),
        "source_offset": number,
    }


@st.composite
def batches(draw: st.DrawFn) -> list[Batch]:
    """Loads; a transaction may be decided in several of them."""
    all_of_them = [draw(transactions(number)) for number in range(draw(st.integers(1, len(TRANSACTIONS))))]
    found: list[Batch] = []
    for batch in range(draw(st.integers(2, 3))):
        chosen = draw(st.lists(st.sampled_from(all_of_them), unique_by=lambda each: each["number"]))
        outcome = st.sampled_from(["approve", "review", "block"])
        other = draw(st.integers(100, 200))
        when = {"source_offset": other, "ingested_at": NOON + timedelta(minutes=draw(st.integers(-60, 60)))}
        kind, key = draw(st.sampled_from([("quarantine", "quarantine_id"), ("duplicates", "duplicate_id")]))
        found.append(
            {
                "decisions": [
                    decision(**each, decision_id=f"{batch}-{each['number']}", outcome=draw(outcome)) for each in chosen
                ],
                kind: [row(kind, **when, **{key: f"{other}"}, **({"step": "gate"} if kind == "quarantine" else {}))],
            }
        )
    return found


def files(root: Path, batch: Batch, number: int) -> Iterator[LakeFile]:
    for kind, rows in batch.items():
        yield from write(root, kind, rows, f"part-{number}")


def written(answer: reports.Answer) -> str:
    return as_csv(answer) + as_json(answer)


def rows(answer: reports.Answer, key: list[str]) -> dict[tuple[Any, ...], dict[str, Any]]:
    named = [dict(zip(answer.columns, each, strict=True)) for each in answer.rows]
    return {tuple(each[name] for name in key): each for each in named}


def check_difference(connection: duckdb.DuckDBPyConnection, name: str, as_of: datetime, known: list[datetime]) -> None:
    """The answer at the second moment is that at the first with the difference applied."""
    found = restatements.diff(connection, name, as_of, known)
    key = reports.described(name)["config"]["meta"]["key"]
    then, now = (rows(reports.ask(connection, name, as_of, each), key) for each in sorted(known))
    for each in found.rows:
        place = tuple(each.key[part] for part in key)
        assert each.before == ({k: v for k, v in then[place].items() if k not in key} if place in then else None)
        if each.after is None:
            del then[place]
        else:
            then[place] = each.key | each.after
        assert each.records, (name, each)
        assert all(min(known) < record.recorded_at <= max(known) for record in each.records)
    assert then == now


@settings(max_examples=6, deadline=None)
@given(
    loads=batches(),
    frauds=st.lists(st.dictionaries(st.sampled_from(TRANSACTIONS), st.booleans()), min_size=3, max_size=3),
    of_minutes=st.integers(-3_000, 6_000),
)
def test_answers_stay_and_differences_are_whole(
    loads: list[Batch], frauds: list[dict[str, bool]], of_minutes: int
) -> None:
    as_of = NOON + timedelta(minutes=of_minutes)
    given_before: dict[tuple[str, datetime], str] = {}
    with tempfile.TemporaryDirectory() as folder, warehouse.opened(Path(folder) / "w", create=True) as connection:
        for number, batch in enumerate(loads):
            clock = FIRST_LOAD + timedelta(hours=number)
            load(connection, files(Path(folder), batch, number), lambda: clock)  # noqa: B023  # called at once
            if frauds[number]:
                clock += timedelta(minutes=30)
                told = write_labels(Path(folder) / f"labels-{number}", **frauds[number])
                labels.load(connection, told, lambda: clock)  # noqa: B023  # called at once
            clock += timedelta(minutes=10)
            published(connection, Path(folder), NOON.date(), lambda: clock)  # noqa: B023  # called at once
            for name in reports.names():
                given_before[name, clock] = written(reports.ask(connection, name, as_of, clock))
            for (name, then), text in given_before.items():
                assert written(reports.ask(connection, name, as_of, then)) == text
                if then < clock:
                    check_difference(connection, name, as_of, [clock, then])


@pytest.fixture(scope="module")
def restated(tmp_path_factory: pytest.TempPathFactory) -> Iterator[duckdb.DuckDBPyConnection]:
    """Between the two loads every report is restated, the rule's row by a label alone."""
    root, later = tmp_path_factory.mktemp("restated"), FIRST_LOAD + timedelta(hours=1)
    first = {
        "decisions": [decision(1, reasons=[HIGH_VALUE], card_token="a"), decision(2, reasons=[], card_token="b")],
        "quarantine": [row("quarantine", step="gate", source_offset=90)],
    }
    earlier = {"event_time": NOON - timedelta(hours=1), "ingested_at": NOON - timedelta(hours=1)}
    second = {
        "decisions": [decision(3, reasons=[], card_token="a", source_offset=8, **earlier)],
        "quarantine": [row("quarantine", quarantine_id="late", step="gate", source_offset=91)],
    }
    with warehouse.opened(root / "w.duckdb", create=True) as connection:
        load(connection, files(root, first, 1), lambda: FIRST_LOAD)
        load(connection, files(root, second, 2), lambda: later)
        labels.load(connection, write_labels(root / "labels", t1=True), lambda: later)
        published(connection, root, NOON.date(), lambda: later)
        yield connection


@pytest.mark.parametrize("name", reports.names())
def test_a_restated_row_names_its_records(restated: duckdb.DuckDBPyConnection, name: str) -> None:
    known = [FIRST_LOAD, FIRST_LOAD + timedelta(hours=2)]
    assert restatements.diff(restated, name, NOON + timedelta(days=1), known).rows
    check_difference(restated, name, NOON + timedelta(days=1), known)


@pytest.mark.parametrize("name", reports.names())
def test_every_report_takes_both_moments_and_names_its_rows(name: str) -> None:
    query = (reports.FOLDER / f"{name.replace('-', '_')}.sql").read_text(encoding="utf-8")
    assert "$as_of" in query
    assert "$as_known" in query
    described = reports.described(name)
    meta = described["config"]["meta"]
    names = {each["name"] for each in described["columns"]}
    assert set(meta["key"]) <= names
    for each in meta["records"]:
        assert set(each) <= {"model", "time", "by"}
        assert set(each.get("by", ())) <= set(meta["key"])


def test_one_moment_twice_is_no_difference(tmp_path: Path) -> None:
    with warehouse.opened(tmp_path / "w.duckdb", create=True) as connection:
        load(connection, write(tmp_path, "decisions", [decision(1)]), lambda: FIRST_LOAD)
        with pytest.raises(WarehouseError, match=r"both --as-known are 2026-11-10T00:00:00\.000Z; name two moments"):
            restatements.diff(connection, "transactions-by-day", None, [FIRST_LOAD, FIRST_LOAD])
