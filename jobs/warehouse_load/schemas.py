"""Holds the columns of a lake file against its contract: what may differ, and what holds the file back."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from io import BytesIO
from typing import Any

import duckdb
import fastavro

from contracts.reader import Field
from sluice.flink_ddl import literal
from sluice.lake_layout import Kind, is_avro

Shape = str | tuple["Shape"] | Mapping[str, "Shape"]
"""A type: a name, (that of the elements,) of an array, or those of an object's fields."""
_PARQUET = {
    "varchar": "string",
    "bigint": "integer",
    "timestamp": "timestamp",
    "timestamp with time zone": "timestamp",
}
_AVRO = {"string": "string", "long": "integer", "long timestamp-millis": "timestamp"}
_MAP = "map"


def differences(kind: Kind, found: Mapping[str, Shape]) -> list[str]:
    """What is wrong with the columns `found`, in words; nothing where they are such as the contract allows.

    A column that the contract does not require may be missing: the file is older than it. Any other may not, none may
    be of another type, and none may be unknown, for its values would be lost.
    """
    known = {kind.day, *kind.contract.names()}
    unknown = [f"column {name} is not in the contract" for name in found if name not in known]
    return [*_compared(kind.contract.fields, found, ""), *unknown]


def _compared(fields: Iterable[Field], found: Mapping[str, Shape], within: str) -> Iterator[str]:
    for field in fields:
        name = f"{within}{field.name}"
        if field.name in found:
            yield from _one(field, found[field.name], name)
        elif field.required:
            yield f"column {name} is missing, and the contract requires it"


def _one(field: Field, found: Shape, name: str) -> Iterator[str]:
    if field.type == "array" and field.items is not None and isinstance(found, tuple):
        yield from _one(field.items, found[0], f"{name}[]")
    elif field.type == "object" and isinstance(found, Mapping):
        yield from _compared(field.properties, found, f"{name}.")
        known = {each.name for each in field.properties}
        yield from (f"column {name}.{each} is not in the contract" for each in found if each not in known)
    elif found != field.type:
        yield f"column {name} is {_word(found)}, and the contract says {field.type}"


def _word(shape: Shape) -> str:
    if isinstance(shape, tuple):
        return "array"
    return shape if isinstance(shape, str) else "object"


def of_files(connection: duckdb.DuckDBPyConnection, paths: Sequence[str]) -> dict[str, Mapping[str, Shape]]:
    """The columns of each file, by path. Raises duckdb.Error for one that can't be read."""
    parquet = [each for each in paths if not is_avro(each)]
    return _of_parquet(connection, parquet) | {each: _of_avro(connection, each) for each in paths if is_avro(each)}


def _of_parquet(connection: duckdb.DuckDBPyConnection, paths: Sequence[str]) -> dict[str, Mapping[str, Shape]]:
    """Most files say the same of themselves, so that one of each sort is looked at."""
    if not paths:
        return {}
    sorts = connection.execute(
        "with files as (select file_name, string_agg(concat_ws(' ', name, duckdb_type, num_children, logical_type), "
        "',' order by column_id) as says from parquet_schema($paths) group by file_name) "
        "select list(file_name) from files group by says",
        {"paths": paths},
    ).fetchall()
    found: dict[str, Mapping[str, Shape]] = {}
    for (alike,) in sorts:
        rows = connection.sql(f"from read_parquet({literal(alike[0])}, hive_partitioning = false)")
        columns = {name: _parquet_shape(each) for name, each in zip(rows.columns, rows.types, strict=True)}
        found |= dict.fromkeys(alike, columns)
    return found


def _parquet_shape(kind: Any) -> Shape:
    """`kind` is DuckDB's type of a column."""
    if kind.id == "list":
        return (_parquet_shape(kind.children[0][1]),)
    if kind.id == "struct":
        return {name: _parquet_shape(each) for name, each in kind.children}
    if kind.id == "map":
        inner = [_parquet_shape(each) for _, each in kind.children]
        return _MAP if inner == ["string", "integer"] else f"map of {' to '.join(map(_word, inner))}"
    return _PARQUET.get(kind.id, str(kind).lower())


def _of_avro(connection: duckdb.DuckDBPyConnection, path: str) -> Mapping[str, Shape]:
    found = connection.execute("select content from read_blob($path)", {"path": path}).fetchone()
    assert found is not None
    try:
        schema = fastavro.reader(BytesIO(found[0])).writer_schema
    except (ValueError, TypeError, EOFError, KeyError, IndexError) as error:
        raise duckdb.InvalidInputException(f"{path} is no Avro file that can be read: {error}") from error
    columns = _avro_shape(schema)
    if not isinstance(columns, Mapping):
        raise duckdb.InvalidInputException(f"{path} holds no rows but {_word(columns)}")
    return columns


def _avro_shape(schema: Any) -> Shape:
    """Flink writes the union of a type and null wherever there may be none."""
    if isinstance(schema, list):
        (schema,) = [each for each in schema if each != "null"] or ["null"]
    if isinstance(schema, str):
        return _AVRO.get(schema, schema)
    inner = schema["type"]
    if inner == "record":
        return {each["name"]: _avro_shape(each["type"]) for each in schema["fields"]}
    if inner == "array":
        return (_avro_shape(schema["items"]),)
    if inner == "map":
        values = _avro_shape(schema["values"])
        return _MAP if values == "integer" else f"map of string to {_word(values)}"
    written = f"{inner} {schema['logicalType']}" if "logicalType" in schema else inner
    return _AVRO.get(written, written)
