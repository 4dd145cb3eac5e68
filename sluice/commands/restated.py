"""How `sluice report diff` shows what was restated."""

from __future__ import annotations

import csv
import io
import json
from typing import Any

import typer
from rich.console import Console
from rich.table import Table

from sluice.reports import written
from sluice.restatements import Difference, Record, Restated

SHOWN, WIDEST = 20, 10_000
"""Records that the table names for each row, where the other formats name all; characters of a line."""


def _cell(value: Any) -> str:
    if value is None:
        return "-"
    return f"{value:,}" if isinstance(value, int) else str(value)


def _values(row: Restated, name: str) -> str:
    if name in row.key:
        return str(row.key[name])
    before, after = row.values(name)
    return _cell(after) if before == after else f"{_cell(before)} → {_cell(after)}"


def _drawn(*headings: str) -> Table:
    table = Table(box=None, header_style="bold")
    for heading in headings:
        table.add_column(heading)
    return table


def print_whole(table: Table) -> None:
    """Print `table` as wide as it is: a figure that is cut off is worse than a line that wraps."""
    needed = Console(width=WIDEST).measure(table).maximum
    Console(width=max(Console().width, needed)).print(table)


def print_table(found: Difference) -> None:
    """Print each restated row with its figures before and after, then the records behind each."""
    first, second = map(written, found.known)
    if not found.rows:
        typer.echo(f"{found.name} as of {written(found.as_of)} says the same as known at {first} and at {second}")
        return
    rows = _drawn("", *found.columns)
    for row in found.rows:
        rows.add_row(row.change, *(_values(row, name) for name in found.columns))
    print_whole(rows)
    typer.echo()
    records = _drawn(*found.rows[0].key, "record", "transaction", "customer", "partition", "offset", "recorded at")
    for row in found.rows:
        key = [str(each) for each in row.key.values()]
        for record in row.records[:SHOWN]:
            where = (record.source_partition, record.source_offset)
            who = (record.transaction_id or "-", record.customer_id or "-")
            records.add_row(*key, record.change, *who, *map(_plain, where), written(record.recorded_at))
        if len(row.records) > SHOWN:
            records.add_row(*key, "…", f"{len(row.records) - SHOWN:,} more, see --format json")
    print_whole(records)
    typer.echo(f"as of {written(found.as_of)}, as known at {first} → {second}")


def _plain(value: int | None) -> str:
    return "-" if value is None else str(value)


def _record(record: Record) -> dict[str, Any]:
    return record._asdict() | {"recorded_at": written(record.recorded_at)}


def as_json(found: Difference) -> str:
    """Every restated row with its values at both moments and all its records."""
    content = {
        "report": found.name,
        "as_of": written(found.as_of),
        "as_known": [written(each) for each in found.known],
        "rows": [row._asdict() | {"records": [_record(each) for each in row.records]} for row in found.rows],
    }
    return json.dumps(content, indent=2, default=str) + "\n"


def as_csv(found: Difference) -> str:
    """A line for each restated row and record, the row's values at both moments on each."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    key = [name for name in found.columns if not found.rows or name in found.rows[0].key]
    values = [name for name in found.columns if name not in key]
    both = [f"{name}_{when}" for name in values for when in ("before", "after")]
    writer.writerow(["change", *key, *both, *(f"record_{name}" for name in Record._fields)])
    for row in found.rows:
        figures = [each for name in values for each in row.values(name)]
        for record in row.records:
            writer.writerow([row.change, *(row.key[name] for name in key), *figures, *_record(record).values()])
    return out.getvalue()
