"""Lays a day's extracted books beside the decisions of the warehouse, and has them judged."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from itertools import groupby
from pathlib import Path
from typing import Any

import duckdb

from jobs.nightly_reporting.extract import Extract
from sluice.flink_ddl import literal
from sluice.nightly import NightlyError
from sluice.warehouse import SQL
from udfs.ledger.entries import Booked, Decided, Entry
from udfs.ledger.validation import Verdict, validate

BATCH_ROWS = 50_000
INCOMING = "incoming_ledger"


def reconcile(connection: duckdb.DuckDBPyConnection, extract: Extract, day: date, most_named: int) -> Verdict:
    """The verdict on `extract` by what the warehouse knows now; the view `incoming_ledger` has its entries from then.

    Raises NightlyError where an entry's id stands twice.
    """
    _let_read(connection, extract.entries)
    query = (SQL / "nightly" / "both_sides.sql").read_text(encoding="utf-8")
    rows = _rows(connection.execute(query, {"day": day}))
    return validate(map(_booked, _by_transaction(rows)), extract.controls, day, most_named)


def _let_read(connection: duckdb.DuckDBPyConnection, file: Path) -> None:
    connection.execute(f"create or replace temp view {INCOMING} as from read_parquet({literal(str(file))})")
    twice = connection.execute(
        f"select entry_id from {INCOMING} where entry_id is not null group by entry_id having count(*) > 1 "  # noqa: S608
        "order by entry_id limit 1"
    ).fetchone()
    if twice is not None:
        raise NightlyError(f"the books have entry {twice[0]} more than once; ids of ledger_entries must be unique")


def _rows(found: Any) -> Iterator[tuple[Any, ...]]:
    while batch := found.fetchmany(BATCH_ROWS):
        yield from batch


def _by_transaction(rows: Iterator[tuple[Any, ...]]) -> Iterator[list[tuple[Any, ...]]]:
    return (list(each) for _, each in groupby(rows, key=lambda row: row[:2]))


def _booked(rows: list[tuple[Any, ...]]) -> Booked:
    """The columns are those of sql/warehouse/nightly/both_sides.sql; a row with an outcome is the decision."""
    decided, entries = None, []
    for customer, transaction, outcome, day, entry_id, account, side, amount, currency, booked_ms in rows:
        if outcome is not None:
            decided = Decided(day, outcome, amount, currency)
        else:
            ids = (customer or None, transaction or None)
            entries.append(Entry(entry_id, *ids, account, side, amount, currency, booked_ms))
    return Booked(rows[0][0], rows[0][1], tuple(entries), decided)
