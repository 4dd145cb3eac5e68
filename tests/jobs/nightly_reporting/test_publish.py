"""A day's books are published whole or not at all, and what was published before can still be asked for."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from pathlib import Path

import duckdb
import pytest

from jobs.nightly_reporting import publish as publishing
from jobs.nightly_reporting.publish import Approval
from jobs.warehouse_load.load import load
from localstack.core_banking import LedgerEntry
from sluice import nightly, reports, restatements, warehouse
from sluice.commands.report import as_csv
from sluice.nightly import NightlyError
from tests.jobs.nightly_reporting.books import booked, published
from tests.jobs.warehouse_load.lake_maker import NOON, decision, write

DAY = NOON.date()
NIGHT = NOON + timedelta(days=1)
APPROVAL = Approval("auditor", "the fee is booked by hand tomorrow")
DECISIONS = [
    decision(1, reasons=[], amount_minor=1_250),
    decision(2, reasons=[], amount_minor=500, currency="JPY"),
    decision(3, reasons=[], outcome="block"),
    decision(4, reasons=[], outcome="review"),
]


def at(hours: int) -> Callable[[], datetime]:
    return lambda: NIGHT + timedelta(hours=hours)


@pytest.fixture
def connection(tmp_path: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    with warehouse.opened(tmp_path / "w.duckdb", create=True) as opened:
        load(opened, write(tmp_path, "decisions", DECISIONS), at(0))
        yield opened


def ledger(connection: duckdb.DuckDBPyConnection, as_known: datetime | None = None) -> str:
    return as_csv(reports.ask(connection, "ledger-by-day", NIGHT, as_known))


def off_by(entries: list[LedgerEntry], minor: int) -> list[LedgerEntry]:
    """The first transaction booked too high, on both sides."""
    first = entries[0].transaction_id
    return [
        each._replace(amount_minor=each.amount_minor + minor) if each.transaction_id == first else each
        for each in entries
    ]


def test_right_books_are_published(connection: duckdb.DuckDBPyConnection, tmp_path: Path) -> None:
    outcome = published(connection, tmp_path, DAY, at(1))
    assert (outcome.run.outcome, outcome.run.run_id, outcome.run.entries) == ("published", f"{DAY}/1", 4)
    assert ledger(connection).splitlines()[1:] == [
        f"{DAY},JPY,cardholder,1,500,0",
        f"{DAY},JPY,merchant,1,0,500",
        f"{DAY},USD,cardholder,1,1250,0",
        f"{DAY},USD,merchant,1,0,1250",
    ]


def test_a_second_run_changes_nothing(connection: duckdb.DuckDBPyConnection, tmp_path: Path) -> None:
    published(connection, tmp_path, DAY, at(1))
    before = connection.sql("from ledger_entries").fetchall()
    again = published(connection, tmp_path, DAY, at(2), list(reversed(booked(connection, DAY))))
    assert again.run.outcome == "unchanged"
    assert connection.sql("from ledger_entries").fetchall() == before
    assert [each.outcome for each in nightly.runs(connection)] == ["published", "unchanged"]


def test_a_penny_blocks_and_is_named(connection: duckdb.DuckDBPyConnection, tmp_path: Path) -> None:
    outcome = published(connection, tmp_path, DAY, at(1), off_by(booked(connection, DAY), 1))
    assert outcome.run.outcome == "blocked"
    (found,) = nightly.findings(connection, outcome.run.run_id)
    assert (found.problem, found.transaction_id, found.currency) == ("amount", "t1", "USD")
    assert (found.expected, found.found, found.difference) == (1_250, 1_251, 1)
    assert found.entries == ["x/t1/credit", "x/t1/debit"]
    assert connection.sql("from ledger_entries").fetchall() == []


def test_blocked_books_leave_the_published_ones(connection: duckdb.DuckDBPyConnection, tmp_path: Path) -> None:
    published(connection, tmp_path, DAY, at(1))
    before = ledger(connection)
    assert published(connection, tmp_path, DAY, at(2), []).verdict.counts == {"missing": 2}
    assert ledger(connection) == before
    (latest,) = nightly.latest(connection)
    assert latest.outcome == "blocked"


def test_mended_books_take_the_place_of_the_old_ones(connection: duckdb.DuckDBPyConnection, tmp_path: Path) -> None:
    published(connection, tmp_path, DAY, at(1))
    before = reports.ask(connection, "ledger-by-day", NIGHT, at(1)())
    decided_again = [decision(1, decision_id="again", reasons=[], outcome="block")]
    load(connection, write(tmp_path, "decisions", decided_again, "part-2"), at(2))
    late = published(connection, tmp_path, DAY, at(3))
    assert late.before is not None
    assert (late.run.outcome, late.before.run_id) == ("published", f"{DAY}/1")
    assert "USD" not in ledger(connection)
    assert reports.ask(connection, "ledger-by-day", NIGHT, at(1)()) == before
    restated = restatements.diff(connection, "ledger-by-day", NIGHT, [at(1)(), at(3)()]).rows
    assert {(each.change, each.key["currency"]) for each in restated} == {("removed", "USD")}


def test_a_day_may_become_empty(connection: duckdb.DuckDBPyConnection, tmp_path: Path) -> None:
    published(connection, tmp_path, DAY, at(1))
    blocked = [
        decision(number, decision_id=f"again-{number}", reasons=[], outcome="block", currency=currency)
        for number, currency in ((1, "USD"), (2, "JPY"))
    ]
    load(connection, write(tmp_path, "decisions", blocked, "part-2"), at(2))
    assert published(connection, tmp_path, DAY, at(3)).run.outcome == "published"
    assert reports.ask(connection, "ledger-by-day", NIGHT).rows == []


def test_findings_that_were_seen_can_be_let_pass(connection: duckdb.DuckDBPyConnection, tmp_path: Path) -> None:
    wrong = off_by(booked(connection, DAY), 1)
    published(connection, tmp_path, DAY, at(1), wrong)
    run = published(connection, tmp_path, DAY, at(2), wrong, APPROVAL).run
    assert (run.outcome, run.approved_run) == ("published", f"{DAY}/1")
    assert (run.approved_by, run.approved_why) == APPROVAL
    assert "1251" in ledger(connection)
    assert published(connection, tmp_path, DAY, at(3), wrong).run.outcome == "unchanged"


def test_an_approval_is_of_what_was_seen(connection: duckdb.DuckDBPyConnection, tmp_path: Path) -> None:
    right = booked(connection, DAY)
    with pytest.raises(NightlyError, match="there is nothing to approve: the last run for 2026-11-03 was not blocked"):
        published(connection, tmp_path, DAY, at(1), right, APPROVAL)
    published(connection, tmp_path, DAY, at(1), off_by(right, 1))
    other = published(connection, tmp_path, DAY, at(2), off_by(right, 2), APPROVAL).run
    assert (other.outcome, other.approved_by) == ("blocked", None)


def test_a_crash_leaves_nothing(
    connection: duckdb.DuckDBPyConnection, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    published(connection, tmp_path, DAY, at(1), [])
    before = {table: connection.sql(f"from {table}").fetchall() for table in ("nightly_runs", "nightly_findings")}

    def crash(*_: object) -> None:
        raise RuntimeError

    monkeypatch.setattr(publishing, "_append", crash)
    with pytest.raises(RuntimeError):
        published(connection, tmp_path, DAY, at(2))
    assert {table: connection.sql(f"from {table}").fetchall() for table in before} == before
    assert connection.sql("from ledger_entries").fetchall() == []


def test_an_id_that_stands_twice_is_refused(connection: duckdb.DuckDBPyConnection, tmp_path: Path) -> None:
    entries = booked(connection, DAY)
    with pytest.raises(NightlyError, match="have entry x/t1/debit more than once"):
        published(connection, tmp_path, DAY, at(1), [*entries, entries[0]])


def test_a_publication_is_recorded_after_all_that_was_answered(
    connection: duckdb.DuckDBPyConnection, tmp_path: Path
) -> None:
    published(connection, tmp_path, DAY, at(1), booked(connection, DAY)[:0])
    answered = reports.ask(connection, "ledger-by-day").as_known
    run = published(connection, tmp_path, DAY, lambda: NOON).run
    assert run.recorded_at == answered + warehouse.TICK
