"""Publishes a day's books that are right, or keeps what is wrong with them: one transaction, appended either way."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime
from typing import NamedTuple

import duckdb

from jobs.nightly_reporting.extract import Extract
from jobs.nightly_reporting.reconcile import INCOMING, reconcile
from jobs.warehouse_load import tables
from sluice import nightly, warehouse
from sluice.nightly import BLOCKED, PUBLISHED, UNCHANGED, NightlyError, Run
from udfs.ledger.validation import Verdict

KIND = "ledger_entries"


class Approval(NamedTuple):
    """Who lets the findings of the day's last run pass, and why."""

    who: str
    why: str


class Outcome(NamedTuple):
    """What a run came to. `before` is the publication that held when it began."""

    run: Run
    verdict: Verdict
    before: Run | None


def publish(
    connection: duckdb.DuckDBPyConnection,
    extract: Extract,
    day: date,
    most_named: int,
    approval: Approval | None = None,
    clock: Callable[[], datetime] = warehouse.now,
) -> Outcome:
    """Judge `extract` and, if it is right, make it the day's books: all or nothing, and in either case with a record.

    What was published before stays, under its recorded time. The same content as published is not published again. With
    `approval`, findings pass if the day's last run was blocked by the very same of the very same books. Raises
    NightlyError where there is nothing to approve.
    """
    with warehouse.transaction(connection):
        tables.prepare(connection)
        runs = nightly.runs(connection, day)
        before = nightly.publication(connection, day)
        if approval is not None and (not runs or runs[-1].outcome != BLOCKED):
            raise NightlyError(f"there is nothing to approve: the last run for {day} was not blocked")
        verdict = reconcile(connection, extract, day, most_named)
        passed = runs[-1] if approval is not None and _alike(runs[-1], verdict) else None
        run = Run(
            run_id=f"{day}/{len(runs) + 1}",
            booking_date=day,
            outcome=_outcome(verdict, before, passed),
            entries=verdict.entries,
            findings=verdict.counts.total(),
            entries_digest=verdict.entries_digest,
            findings_digest=verdict.findings_digest,
            approved_run=passed.run_id if passed else None,
            approved_by=approval.who if approval and passed else None,
            approved_why=approval.why if approval and passed else None,
            recorded_at=warehouse.next_recorded(connection, clock()),
        )
        _note(connection, run, len(runs) + 1, verdict)
        if run.outcome == PUBLISHED:
            _append(connection, run)
    return Outcome(run, verdict, before)


def _alike(run: Run, verdict: Verdict) -> bool:
    return (run.entries_digest, run.findings_digest) == (verdict.entries_digest, verdict.findings_digest)


def _outcome(verdict: Verdict, before: Run | None, passed: Run | None) -> str:
    """A sound day is published where its entries are other ones; findings that were let pass once stay so."""
    there = before is not None and before.entries_digest == verdict.entries_digest
    if before is not None and (_alike(before, verdict) or (there and verdict.sound)):
        return UNCHANGED
    return PUBLISHED if verdict.sound or passed is not None else BLOCKED


def _note(connection: duckdb.DuckDBPyConnection, run: Run, number: int, verdict: Verdict) -> None:
    connection.execute(
        "insert into nightly_runs by name select $number as number, $run_id as run_id, $booking_date as booking_date, "
        "$outcome as outcome, $entries as entries, $findings as findings, $entries_digest as entries_digest, "
        "$findings_digest as findings_digest, $approved_run as approved_run, $approved_by as approved_by, "
        "$approved_why as approved_why, $recorded_at as recorded_at",
        run._asdict() | {"number": number},
    )
    for place, each in enumerate(verdict.findings, start=1):
        connection.execute(
            "insert into nightly_findings values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            [run.run_id, place, *each[:6], each.difference, list(each.entries), each.message],
        )


def _append(connection: duckdb.DuckDBPyConnection, run: Run) -> None:
    """The day's entries under the run's recorded time, and the manifest row that counts them."""
    values = {"booking_date": run.booking_date, "run_id": run.run_id, "recorded_at": run.recorded_at}
    connection.execute(
        "insert into ledger_entries by name select *, $booking_date as booking_date, $run_id as run_id, "  # noqa: S608
        f"$recorded_at as recorded_at from {INCOMING} order by customer_id, transaction_id, entry_id",
        values,
    )
    connection.execute(
        "insert into load_manifest values (?, ?, ?, ?, ?)",
        [f"ledger/{run.run_id}", run.entries_digest, KIND, run.entries, run.recorded_at],
    )
