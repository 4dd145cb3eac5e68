"""The warehouse's tables and views: tables grow with the contracts, views are made anew from their files."""

from __future__ import annotations

from collections.abc import Mapping

import duckdb

from contracts import reader
from contracts.reader import Field
from sluice import models
from sluice.lake_layout import KINDS, Kind
from sluice.warehouse import SQL

_SIMPLE = {
    "string": "varchar",
    "integer": "bigint",
    "boolean": "boolean",
    "timestamp": "timestamptz",
    "map": "map(varchar, bigint)",
}
_LEARNED = ("labels", "partner_files", "chargebacks")
"""Contracts of what is learned by other ways than the lake; each is a table of its name."""
_FILED = {"chargebacks": {"feed": "varchar", "file_id": "varchar"}}
"""Of what partners' files hold, the file too."""


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


def _learned_columns(contract: str) -> dict[str, str]:
    fields = {each.name: column_type(each) for each in reader.load(contract).fields}
    return fields | _FILED.get(contract, {}) | {"recorded_at": "timestamptz"}


def _ledger_columns() -> dict[str, str]:
    fields = {each.name: column_type(each) for each in reader.load("ledger_entries").fields}
    return fields | {"booking_date": "date", "run_id": "varchar", "recorded_at": "timestamptz"}


def _create(connection: duckdb.DuckDBPyConnection, table: str, columns: Mapping[str, str]) -> None:
    """Create a table, or add the columns that its contract has gained; rows from before hold null there."""
    definitions = ", ".join(f'"{name}" {each}' for name, each in columns.items())
    connection.execute(f"create table if not exists {table} ({definitions})")
    there = {name for name, *_ in connection.execute(f"describe {table}").fetchall()}
    for name in (each for each in columns if each not in there):
        connection.execute(f'alter table {table} add column "{name}" {columns[name]}')


def prepare(connection: duckdb.DuckDBPyConnection) -> None:
    """Bring tables and views up to date. Rows stay as they are."""
    for kind in KINDS:
        _create(connection, f"lake_{kind.name}", _columns(kind))
    for contract in _LEARNED:
        _create(connection, contract, _learned_columns(contract))
    _create(connection, "ledger_entries", _ledger_columns())
    for file in sorted((SQL / "tables").glob("*.sql")):
        connection.execute(file.read_text(encoding="utf-8"))
    models.create_views(connection)
