"""Reports in two clocks, held against a plain Python answer."""

from __future__ import annotations

import tempfile
from collections import defaultdict
from datetime import UTC, datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from jobs.warehouse_load.load import load
from sluice import reports, warehouse
from sluice.commands.report import as_csv
from sluice.warehouse import WarehouseError
from tests.jobs.warehouse_load.lake_maker import NOON, decision, write

REPORT = "transactions-by-day"
FIRST_LOAD = datetime(2026, 11, 10, tzinfo=UTC)
OUTCOMES = ("approve", "review", "block")
Known = list[tuple[datetime, dict[str, Any]]]


def naive(known: Known, as_of: datetime, as_known: datetime) -> list[tuple[Any, ...]]:
    """The report by its definition: the latest known decision of each transaction, counted by day and currency."""
    latest = {row["transaction_id"]: row for recorded, row in known if recorded <= as_known}
    groups = defaultdict(list)
    for row in latest.values():
        if row["event_time"] <= as_of:
            groups[row["event_time"].date(), row["currency"]].append(row)
    return [
        (
            *group,
            len(rows),
            sum(row["amount_minor"] for row in rows),
            *(sum(row["outcome"] == outcome for row in rows) for outcome in OUTCOMES),
            sum(row["amount_usd_minor"] for row in rows),
            *(
                (Decimal(100 * sum((row["outcome"] == "approve") == approved for row in rows)) / len(rows)).quantize(
                    Decimal("0.001"), ROUND_HALF_UP
                )
                for approved in (True, False)
            ),
        )
        for group, rows in sorted(groups.items())
    ]


@st.composite
def loads(draw: st.DrawFn) -> list[list[dict[str, Any]]]:
    """Loads of decisions on few transactions, some of them decided anew in a later load."""
    minutes = draw(st.lists(st.integers(-2_880, 2_880), min_size=1, max_size=8))
    transactions = [
        {
            "event_time": NOON + timedelta(minutes=each),
            "amount_minor": draw(st.integers(1, 10**11)),
            "currency": draw(st.sampled_from(["EUR", "USD"])),
        }
        for each in minutes
    ]
    batches = []
    for batch in range(draw(st.integers(1, 3))):
        chosen = draw(st.sets(st.integers(0, len(transactions) - 1), min_size=1))
        batches.append(
            [
                decision(i, decision_id=f"{batch}-{i}", outcome=draw(st.sampled_from(OUTCOMES)), **transactions[i])
                for i in sorted(chosen)
            ]
        )
    return batches


@settings(max_examples=25, deadline=None)
@given(batches=loads(), of_minutes=st.integers(-3_000, 3_000))
def test_every_pair_has_the_naive_answer_for_ever(batches: list[list[dict[str, Any]]], of_minutes: int) -> None:
    as_of = NOON + timedelta(minutes=of_minutes)
    known: Known = []
    given_before: list[tuple[datetime, str]] = []
    with tempfile.TemporaryDirectory() as folder, warehouse.opened(Path(folder) / "w", create=True) as connection:
        for number, batch in enumerate(batches):
            clock = FIRST_LOAD + timedelta(hours=number)
            loaded = load(connection, write(Path(folder), "decisions", batch, name=f"part-{number}"), lambda: clock)  # noqa: B023  # called at once
            assert loaded.recorded_at == clock
            known += [(clock, row) for row in batch]
            answer = reports.ask(connection, REPORT, as_of, clock)
            assert answer.rows == naive(known, as_of, clock)
            assert [as_csv(reports.ask(connection, REPORT, as_of, then)) for then, _ in given_before] == [
                text for _, text in given_before
            ]
            given_before.append((clock, as_csv(answer)))


def test_late_rows_change_what_is_known_now_but_no_answer_given_before(tmp_path: Path) -> None:
    with warehouse.opened(tmp_path / "w.duckdb", create=True) as connection:
        load(connection, write(tmp_path, "decisions", [decision(1, amount_minor=500)]))
        before = reports.ask(connection, REPORT, NOON)
        load(connection, write(tmp_path, "decisions", [decision(2, amount_minor=250)], name="part-late"))
        assert as_csv(reports.ask(connection, REPORT, NOON, before.as_known)) == as_csv(before)
        header = (
            "event_date,currency,transactions,amount_minor,approved,reviewed,blocked,"
            "amount_usd_minor,approval_percent,alert_percent\n"
        )
        assert as_csv(before) == header + "2026-11-03,USD,1,500,1,0,0,7,100.000,0.000\n"
        assert as_csv(reports.ask(connection, REPORT, NOON)) == header + "2026-11-03,USD,2,750,2,0,0,14,100.000,0.000\n"


def test_as_of_includes_its_own_moment_and_a_date_its_whole_day(tmp_path: Path) -> None:
    last = datetime(2026, 11, 3, 23, 59, 59, 999_000, UTC)
    rows = [decision(1, event_time=last), decision(2, event_time=last + timedelta(milliseconds=1))]
    with warehouse.opened(tmp_path / "w.duckdb", create=True) as connection:
        load(connection, write(tmp_path, "decisions", rows))

        def transactions(as_of: str) -> int:
            return sum(row[2] for row in reports.ask(connection, REPORT, reports.moment(as_of, "--as-of")).rows)

        assert transactions("2026-11-03T23:59:59.998Z") == 0
        assert transactions("2026-11-03T23:59:59.999Z") == transactions("2026-11-03") == 1
        assert transactions("2026-11-04T01:00:00+01:00") == transactions("2026-11-04") == 2


def test_the_future_is_not_known(tmp_path: Path) -> None:
    with warehouse.opened(tmp_path / "w.duckdb", create=True) as connection:
        load(connection, write(tmp_path, "decisions", [decision(1)]))
        with pytest.raises(WarehouseError, match="lies in the future"):
            reports.ask(connection, REPORT, NOON, warehouse.now() + timedelta(minutes=1))


def test_a_clock_set_back_hides_nothing_that_was_loaded(tmp_path: Path) -> None:
    ahead = warehouse.now() + timedelta(hours=1)
    with warehouse.opened(tmp_path / "w.duckdb", create=True) as connection:
        load(connection, write(tmp_path, "decisions", [decision(1)]), lambda: ahead)
        answer = reports.ask(connection, REPORT, NOON)
        assert answer.as_known == ahead
        assert len(answer.rows) == 1


def test_a_warehouse_of_another_release_says_what_to_do(tmp_path: Path) -> None:
    with warehouse.opened(tmp_path / "w.duckdb", create=True) as connection:
        files = write(tmp_path, "decisions", [decision(1)])
        load(connection, files)
        connection.execute("create or replace view fct_transactions as select 1 as decision_id")
        with pytest.raises(WarehouseError, match="made by another release; run `sluice load` to go on"):
            reports.ask(connection, REPORT)
        load(connection, files)
        assert len(reports.ask(connection, REPORT).rows) == 1


@pytest.mark.parametrize("text", ["yesterday", "2026-02-30", "2026-11-03T12:00:00", "2026-11-03T12:00:00.0001Z", ""])
def test_a_bad_moment_says_the_form(text: str) -> None:
    with pytest.raises(WarehouseError, match=r"--as-of .* is not a date or a moment; write 2026-11-03 "):
        reports.moment(text, "--as-of")
