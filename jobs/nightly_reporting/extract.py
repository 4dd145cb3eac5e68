"""Extracts a closed day from the core-banking system's PostgreSQL: one snapshot, in batches, asked again if need be."""

from __future__ import annotations

import logging
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import urlsplit

import psycopg
import pyarrow as pa
import pyarrow.parquet as pq
import stamina
from psycopg.errors import QueryCanceled

from contracts import reader
from sluice.nightly import NightlyError
from sluice.sections import Nightly
from sluice.settings import PROJECT_ROOT
from udfs.ledger.entries import ControlTotal

SQL = PROJECT_ROOT / "sql" / "postgres"
CONNECT_SECONDS = 5
BATCH_ROWS = 50_000
_ARROW = {"string": pa.string(), "integer": pa.int64(), "timestamp": pa.timestamp("us", tz="UTC")}
_POSTGRES = {
    "string": ("text", "varchar", "bpchar"),
    "integer": ("int2", "int4", "int8"),
    "timestamp": ("timestamptz",),
}
_TOTALS = {"currency": "string", "entries": "integer", "debit_minor": "integer", "credit_minor": "integer"}


class Extract(NamedTuple):
    """A day's entries, as a Parquet file with the columns of the contract `ledger_entries`, and its control totals."""

    entries: Path
    controls: tuple[ControlTotal, ...]


def schema() -> pa.Schema:
    """Of a file of entries. Every column may be null: what may not be is for the validation to say."""
    return pa.schema([(each.name, _ARROW[each.type]) for each in reader.load("ledger_entries").fields])


def place(source: str) -> str:
    """Where the source is, without the name of who logs in."""
    parts = urlsplit(source)
    return f"{parts.hostname or 'localhost'}:{parts.port or 5432}{parts.path}"


def extract(nightly: Nightly, day: date, file: Path) -> Extract:
    """The books of `day`, its entries written to `file`. Entries and control totals are of one moment.

    A server that is away, or goes away on the way, is asked again, each time from the start. Raises NightlyError where
    it stays away, where the day is not closed, or where the source has not the shape of its contract.
    """
    logging.getLogger("stamina").setLevel(logging.ERROR)  # the error at the end says what every attempt had to say
    try:
        for attempt in stamina.retry_context(
            on=_may_pass, attempts=nightly.attempts, timeout=nightly.retry_seconds, wait_max=5.0
        ):
            with attempt, _reading(nightly) as connection:
                return _day(connection, day, file)
    except QueryCanceled as error:
        raise NightlyError(
            f"{place(nightly.source)} took longer than nightly.statement_seconds ({nightly.statement_seconds} s); "
            "set more, or see what holds it up"
        ) from error
    except psycopg.OperationalError as error:
        raise NightlyError(
            f"the books at {place(nightly.source)} can't be read: {_line(error)}; "
            "nothing was changed. Check nightly.source and run it again when the cause is gone"
        ) from error
    except psycopg.Error as error:
        raise NightlyError(
            f"{place(nightly.source)} has no books such as sql/postgres/core_banking.sql describes: {_line(error)}"
        ) from error
    raise AssertionError("the last attempt returns or raises")


def _may_pass(error: Exception) -> bool:
    """A server away, starting, or ending a connection; a query that took too long would do so again."""
    return isinstance(error, psycopg.OperationalError) and not isinstance(error, QueryCanceled)


def _line(error: Exception) -> str:
    return (str(error).splitlines() or [type(error).__name__])[0]


@contextmanager
def _reading(nightly: Nightly) -> Iterator[psycopg.Connection[Any]]:
    """A connection that can't write and sees one moment of the database."""
    options = f"-c statement_timeout={nightly.statement_seconds * 1_000} -c timezone=UTC"
    with psycopg.connect(nightly.source, connect_timeout=CONNECT_SECONDS, options=options) as connection:
        connection.read_only = True
        connection.isolation_level = psycopg.IsolationLevel.REPEATABLE_READ
        yield connection


def _query(name: str) -> bytes:
    return (SQL / f"{name}.sql").read_bytes()


def _day(connection: psycopg.Connection[Any], day: date, file: Path) -> Extract:
    if connection.execute(_query("closed_day"), {"day": day}).fetchone() is None:
        raise NightlyError(f"the books of {day} are not closed yet; run it again when they are")
    totals = connection.execute(_query("control_totals"), {"day": day})
    _check_shape(totals, _TOTALS, "ledger_control_totals")
    controls = tuple(ControlTotal(*each) for each in totals)
    types = {each.name: each.type for each in reader.load("ledger_entries").fields}
    with connection.cursor(name="entries") as cursor, pq.ParquetWriter(file, schema()) as writer:
        cursor.execute(_query("ledger_entries"), {"day": day})
        _check_shape(cursor, types, "ledger_entries")
        while rows := cursor.fetchmany(BATCH_ROWS):
            columns = [
                pa.array(each, field.type) for each, field in zip(zip(*rows, strict=True), schema(), strict=True)
            ]
            writer.write_table(pa.table(columns, schema=schema()))
    return Extract(file, controls)


def _check_shape(cursor: Any, wanted: Mapping[str, str], table: str) -> None:
    """Refuse columns whose values would have to be bent, such as amounts with decimals."""
    known = psycopg.adapters.types
    for column in cursor.description:
        allowed = _POSTGRES[wanted[column.name]]
        if column.type_code not in {known[name].oid for name in allowed}:
            found = known.get(column.type_code)
            raise NightlyError(
                f"column {column.name} of {table} is {found.name if found else 'of an unknown type'}, "
                f"and {' or '.join(allowed)} is needed; nothing was read"
            )
