"""Lets DuckDB read files of the lake, in Parquet and in Avro, each column as its contract says."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date
from io import BytesIO
from itertools import islice
from typing import Any

import duckdb
import fastavro
import pyarrow as pa

from contracts.reader import Field
from sluice.flink_ddl import literal
from sluice.lake_layout import Kind, is_avro

FILE, ROW = "filename", "file_row_number"
"""Columns of the view beside the contract's and the folder's day: where a row stands."""
_AT_ONCE = 10_000
_SIMPLE = {
    "string": pa.string(),
    "integer": pa.int64(),
    "timestamp": pa.timestamp("ms"),
    "map": pa.map_(pa.string(), pa.int64()),
}


def arrow_type(field: Field) -> pa.DataType:
    """The Arrow type of a contract's field, as Flink writes it to Parquet: timestamps hold UTC and do not say so."""
    if field.type == "array" and field.items is not None:
        return pa.list_(arrow_type(field.items))
    if field.type == "object":
        return pa.struct([(each.name, arrow_type(each)) for each in field.properties])
    return _SIMPLE[field.type]


def view(connection: duckdb.DuckDBPyConnection, name: str, kind: Kind, paths: Sequence[str]) -> None:
    """Make the temporary view `name` of all rows of `paths`, with FILE, ROW and the folder's day.

    Parquet is read where it lies whenever the view is; Avro is read here, a file at a time. A column that only some
    files have is null in the others. Raises duckdb.Error for what can't be read.
    """
    parquet = [each for each in paths if not is_avro(each)]
    avro = [each for each in paths if is_avro(each)]
    parts = []
    if parquet:
        listed = ", ".join(map(literal, parquet))
        options = f"{FILE} = true, {ROW} = true, union_by_name = true, hive_partitioning = true"
        parts.append(f"from read_parquet([{listed}], {options}, hive_types = {{'{kind.day}': date}})")
    if avro or not parquet:
        _read_avro(connection, f"{name}_avro", kind, avro)
        parts.append(f"from {name}_avro")
    connection.execute(f"create or replace temp view {name} as {' union all by name '.join(parts)}")


def _read_avro(connection: duckdb.DuckDBPyConnection, table: str, kind: Kind, paths: Sequence[str]) -> None:
    """Make the temporary table `table` of all rows of `paths`."""
    schema = pa.schema(
        [
            *((each.name, arrow_type(each)) for each in kind.contract.fields),
            (kind.day, pa.date32()),
            (FILE, pa.string()),
            (ROW, pa.int64()),
        ]
    )
    _fill(connection, f"create or replace temp table {table} as", schema.empty_table())
    for path in paths:
        found = connection.execute("select content from read_blob($path)", {"path": path}).fetchone()
        assert found is not None
        for rows in _tables(found[0], path, kind, schema):
            _fill(connection, f"insert into {table}", rows)


def _fill(connection: duckdb.DuckDBPyConnection, statement: str, rows: pa.Table) -> None:
    connection.register("avro_rows", rows)
    connection.execute(f"{statement} from avro_rows")
    connection.unregister("avro_rows")


def _tables(content: bytes, path: str, kind: Kind, schema: pa.Schema) -> Iterator[pa.Table]:
    """The rows of an Avro file, some thousand at a time. Raises duckdb.Error, as DuckDB does for Parquet."""
    day = date.fromisoformat(path.rsplit("/", 2)[1].partition("=")[2])
    try:
        records = fastavro.reader(BytesIO(content))
        if unknown := sorted(_names(records.writer_schema) - set(kind.contract.names())):
            raise duckdb.BinderException(f"{path} has columns that the contract does not know: {', '.join(unknown)}")
        first = 0
        while some := list(islice(records, _AT_ONCE)):
            rows: list[Any] = [
                {**_plain(kind, each), kind.day: day, FILE: path, ROW: first + number}
                for number, each in enumerate(some)
            ]
            yield pa.Table.from_pylist(rows, schema)
            first += len(some)
    except (ValueError, TypeError, EOFError, KeyError, IndexError, pa.ArrowException) as error:
        raise duckdb.InvalidInputException(f"{path} is no Avro file that can be read: {error}") from error


def _names(schema: Any) -> set[str]:
    """The columns of an Avro file; Flink writes the union of a row and null."""
    rows = schema if isinstance(schema, list) else [schema]
    return {field["name"] for row in rows if row != "null" for field in row["fields"]}


def _plain(kind: Kind, record: Any) -> dict[str, Any]:
    """A record as Arrow takes it."""
    return {each.name: _value(each, record.get(each.name)) for each in kind.contract.fields}


def _value(field: Field, value: Any) -> Any:
    """Arrow wants the pairs of a map, wherever it stands."""
    if value is None or field.type not in {"map", "array", "object"}:
        return value
    if field.type == "map":
        return list(value.items())
    if field.type == "array":
        assert field.items is not None
        return [_value(field.items, each) for each in value]
    return {each.name: _value(each, value.get(each.name)) for each in field.properties}
