"""The warehouse's tables and views: tables grow with the contracts, views are made anew from their files."""

from __future__ import annotations

import duckdb

from contracts.reader import Field
from sluice.lake_layout import KINDS, Kind
from sluice.warehouse import SQL

_SIMPLE = {"string": "varchar", "integer": "bigint", "timestamp": "timestamptz", "map": "map(varchar, bigint)"}


def column_type(field: Field) -> str:
    """The DuckDB type of a contract's field. Raises ValueError for a logical type without one."""
    if field.type in _SIMPLE:
        return _SIMPLE[field.type]
    if field.type == "array" and field.items is not None:
        return f"{column_type(field.items)}[]"
    if field.type == "object" and field.properties:
        return "struct(" + ", ".join(f'"{each.name}" {column_type(each)}' for each in field.properties) + ")"
    raise ValueError(f"field {field.name}: no DuckDB type for logical type {field.type!r}; see {__name__}")


def _columns(kind: Kind) -> dict[str, str]:
    fields = {each.name: column_type(each) for each in kind.contract.fields}
    return fields | {kind.day: "date", "recorded_at": "timestamptz"}


def _create_table(connection: duckdb.DuckDBPyConnection, kind: Kind) -> None:
    """Create the table of `kind`, or add the columns that its contract has gained; rows from before hold null there."""
    columns = _columns(kind)
    definitions = ", ".join(f'"{name}" {each}' for name, each in columns.items())
    connection.execute(f"create table if not exists lake_{kind.name} ({definitions})")
    there = {name for name, *_ in connection.execute(f"describe lake_{kind.name}").fetchall()}
    for name in (each for each in columns if each not in there):
        connection.execute(f'alter table lake_{kind.name} add column "{name}" {columns[name]}')


def prepare(connection: duckdb.DuckDBPyConnection) -> None:
    """Bring tables and views up to date. Rows stay as they are."""
    for kind in KINDS:
        _create_table(connection, kind)
    for file in sorted((SQL / "tables").glob("*.sql")):
        connection.execute(file.read_text(encoding="utf-8"))
    for layer in ("staging", "marts"):
        for file in sorted((SQL / layer).glob("*.sql")):
            connection.execute(f"create or replace view {file.stem} as {file.read_text(encoding='utf-8')}")
