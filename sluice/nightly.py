"""The books of nightly reporting: its runs, what each found, and which publication of a day holds."""

from __future__ import annotations

from datetime import date, datetime
from typing import NamedTuple

import duckdb

from sluice.errors import SluiceError
from udfs.times import moment

PUBLISHED, UNCHANGED, BLOCKED = "published", "unchanged", "blocked"


class NightlyError(SluiceError):
    """A day's books can't be read, or are not ready to be reported on."""


class Run(NamedTuple):
    """A run for one booking date, a UTC day; `outcome` is published, unchanged or blocked.

    With `approved_run`, its findings were let pass for what that run had shown, by whom and why.
    """

    run_id: str
    booking_date: date
    outcome: str
    entries: int
    findings: int
    entries_digest: str
    findings_digest: str
    approved_run: str | None
    approved_by: str | None
    approved_why: str | None
    recorded_at: datetime


class Named(NamedTuple):
    """A finding as it was kept; amounts are minor units of `currency`."""

    problem: str
    customer_id: str | None
    transaction_id: str | None
    currency: str | None
    expected: int | None
    found: int | None
    difference: int | None
    entries: list[str]
    message: str


def runs(connection: duckdb.DuckDBPyConnection, day: date | None = None) -> list[Run]:
    """The runs of a day, or of all days: by day, the oldest run first. None where the warehouse knows no such table."""
    try:
        found = connection.execute(
            "select * exclude (number, recorded_at), epoch_ms(recorded_at) from nightly_runs "
            "where $day is null or booking_date = $day order by booking_date, number",
            {"day": day},
        ).fetchall()
    except duckdb.CatalogException:
        return []
    return [Run._make((*each[:-1], moment(each[-1]))) for each in found]


def latest(connection: duckdb.DuckDBPyConnection) -> list[Run]:
    """The last run of each day, by day."""
    return list({each.booking_date: each for each in runs(connection)}.values())


def publication(connection: duckdb.DuckDBPyConnection, day: date) -> Run | None:
    """The run whose books of the day hold now."""
    published = [each for each in runs(connection, day) if each.outcome == PUBLISHED]
    return published[-1] if published else None


def last_load(connection: duckdb.DuckDBPyConnection) -> datetime | None:
    """The recorded time of the latest load from the lake; None before the first."""
    query = "select epoch_ms(max(loaded_at)) from load_manifest where kind in ('decisions', 'quarantine', 'duplicates')"
    (milliseconds,) = connection.execute(query).fetchall()[0]
    return None if milliseconds is None else moment(milliseconds)


def findings(connection: duckdb.DuckDBPyConnection, run_id: str) -> list[Named]:
    """What a run found, in the order in which it did."""
    rows = connection.execute(
        "select * exclude (run_id, number) from nightly_findings where run_id = $run_id order by number",
        {"run_id": run_id},
    ).fetchall()
    return [Named(*each) for each in rows]
