"""Opens the warehouse, one process at a time, and keeps its clock of recorded time.

DuckDB gives a file to one writing process. Loads and reports both write (a report notes what it answered), so they
follow one another, and a report never falls between a load's clock reading and its commit.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import duckdb

from sluice.errors import SluiceError
from sluice.settings import PROJECT_ROOT

SQL = PROJECT_ROOT / "sql" / "warehouse"
TICK = timedelta(milliseconds=1)
POLL_SECONDS = 0.1


class WarehouseError(SluiceError):
    """The warehouse can't be opened, loaded or asked."""


def now() -> datetime:
    """This moment in UTC, cut to milliseconds, the unit of recorded time."""
    moment = datetime.now(UTC)
    return moment.replace(microsecond=moment.microsecond // 1_000 * 1_000)


def _connect(path: Path, wait_seconds: float) -> duckdb.DuckDBPyConnection:
    deadline = time.monotonic() + wait_seconds
    while True:
        try:
            return duckdb.connect(str(path))
        except duckdb.IOException as error:
            if "lock" not in str(error).lower():
                raise WarehouseError(f"the warehouse {path} can't be opened: {error}") from error
            if time.monotonic() > deadline:
                raise WarehouseError(
                    f"the warehouse {path} has been in use by another process for {wait_seconds:g} s; "
                    "wait for its load or report to end, or close the program that holds it open"
                ) from error
            time.sleep(POLL_SECONDS)


@contextmanager
def opened(path: Path, *, create: bool = False, wait_seconds: float = 30) -> Iterator[duckdb.DuckDBPyConnection]:
    """The warehouse in `path`, for this process alone, in UTC. Waits while another process has it.

    Raises WarehouseError when there is none and `create` is not set, or when it stays in use.
    """
    if create:
        path.parent.mkdir(parents=True, exist_ok=True)
    elif not path.exists():
        raise WarehouseError(f"there is no warehouse at {path} yet; run `sluice load` first")
    connection = _connect(path, wait_seconds)
    try:
        connection.execute("set TimeZone = 'UTC'")
        yield connection
    finally:
        connection.close()


@contextmanager
def transaction(connection: duckdb.DuckDBPyConnection) -> Iterator[None]:
    """All or nothing: what is done inside is committed at the end, or undone by an exception."""
    connection.begin()
    try:
        yield
    except BaseException:
        connection.rollback()
        raise
    connection.commit()


def _moment(connection: duckdb.DuckDBPyConnection, query: str) -> datetime | None:
    """The one moment that `query` gives; it travels as microseconds, since DuckDB's own would want pytz."""
    (microseconds,) = connection.execute(f"select epoch_us(({query}))").fetchall()[0]
    return None if microseconds is None else datetime.fromtimestamp(0, UTC) + timedelta(microseconds=microseconds)


def last_recorded(connection: duckdb.DuckDBPyConnection) -> datetime | None:
    """The recorded time of the latest load; None before the first."""
    return _moment(connection, "select max(loaded_at) from load_manifest")


def last_answered(connection: duckdb.DuckDBPyConnection) -> datetime | None:
    """The latest `as_known` that a report has answered for; None before the first."""
    return _moment(connection, "select max(as_known) from answered")


def next_recorded(connection: duckdb.DuckDBPyConnection, clock: datetime) -> datetime:
    """The recorded time of a load at `clock`: after every earlier load and every `as_known` answered so far.

    So no row ever slips in behind an answer that was given, not even when the machine's clock was set back.
    """
    before = [moment for moment in (last_recorded(connection), last_answered(connection)) if moment is not None]
    return max([clock, *(moment + TICK for moment in before)])


def note_answer(connection: duckdb.DuckDBPyConnection, as_known: datetime) -> None:
    """Keep that a report for `as_known` has been given; only a later one than all before needs a row."""
    before = last_answered(connection)
    if before is None or as_known > before:
        connection.execute("insert into answered values ($as_known)", {"as_known": as_known})
