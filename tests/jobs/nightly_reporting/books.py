"""A day's books without a database: as they are extracted, and published."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date, datetime
from pathlib import Path

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq

from jobs.nightly_reporting.extract import Extract, schema
from jobs.nightly_reporting.publish import Approval, Outcome, publish
from localstack import core_banking
from localstack.core_banking import LedgerEntry
from udfs.ledger.entries import ControlTotal


def controls(entries: Sequence[LedgerEntry]) -> tuple[ControlTotal, ...]:
    return tuple(
        ControlTotal(
            currency,
            sum(each.currency == currency for each in entries),
            *(
                sum(each.amount_minor for each in entries if (each.currency, each.side) == (currency, side))
                for side in ("debit", "credit")
            ),
        )
        for currency in sorted({each.currency for each in entries})
    )


def extracted(folder: Path, entries: Sequence[LedgerEntry], totals: Sequence[ControlTotal] | None = None) -> Extract:
    """`entries` as they come from the database, with the control totals of them unless there are others."""
    file = folder / "entries.parquet"
    pq.write_table(pa.Table.from_pylist([each._asdict() for each in entries], schema()), file)
    return Extract(file, controls(entries) if totals is None else tuple(totals))


def booked(connection: duckdb.DuckDBPyConnection, day: date) -> list[LedgerEntry]:
    """What should be in the books of `day`."""
    return core_banking.entries(core_banking.approved(connection, day))


def published(
    connection: duckdb.DuckDBPyConnection,
    folder: Path,
    day: date,
    clock: Callable[[], datetime],
    entries: Sequence[LedgerEntry] | None = None,
    approval: Approval | None = None,
) -> Outcome:
    """A run over `entries`, by default over what should be in the books."""
    wanted = booked(connection, day) if entries is None else entries
    return publish(connection, extracted(folder, wanted), day, 100, approval, clock)
