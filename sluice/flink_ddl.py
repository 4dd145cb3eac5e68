"""Flink SQL column definitions out of the data contracts, and the filling of SQL files."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from string import Template

from contracts.reader import Field
from sluice.settings import PROJECT_ROOT

SHARED = PROJECT_ROOT / "sql" / "flink"
"""Statements of more than one job."""
LINGER_MS = 5

_MOMENT, _WALL_TIME = "TIMESTAMP_LTZ(3)", "TIMESTAMP(3)"
# A map of the contracts goes from a name to an integer; they declare no other.
_SIMPLE = {"string": "STRING", "integer": "BIGINT", "timestamp": _MOMENT, "map": "MAP<STRING, BIGINT>"}


def quoted(name: str) -> str:
    """`name` as an identifier, safe even where it is a reserved word."""
    return "`" + name.replace("`", "``") + "`"


def literal(value: str) -> str:
    """`value` as a string literal."""
    return "'" + value.replace("'", "''") + "'"


def interval(milliseconds: int) -> str:
    """`milliseconds`, less than 1,000 days of them, as an interval literal."""
    seconds, rest = divmod(milliseconds, 1_000)
    minutes, seconds = divmod(seconds, 60)
    hours, minutes = divmod(minutes, 60)
    days, hours = divmod(hours, 24)
    return f"interval '{days} {hours:02}:{minutes:02}:{seconds:02}.{rest:03}' day(3) to second(3)"


def column_type(field: Field) -> str:
    """The Flink SQL type of a contract's field: integers are 64 bit, timestamps UTC with milliseconds.

    Raises ValueError for a logical type that Flink tables of Sluice don't know.
    """
    if field.type in _SIMPLE:
        return _SIMPLE[field.type]
    if field.type == "array" and field.items is not None:
        return f"ARRAY<{column_type(field.items)}>"
    if field.type == "object" and field.properties:
        return "ROW<" + ", ".join(f"{quoted(each.name)} {column_type(each)}" for each in field.properties) + ">"
    raise ValueError(f"field {field.name}: no Flink SQL type for logical type {field.type!r}; see sluice/flink_ddl.py")


def columns(fields: Iterable[Field], *, not_null: bool = False, wall_time: bool = False) -> str:
    """The columns of a CREATE TABLE, one a line.

    With `not_null`, required fields are NOT NULL. Use it for sinks: there Flink checks each row and fails the job,
    while a source's NOT NULL is a promise that nobody checks. With `wall_time`, timestamps are those of UTC's clocks.
    """
    lines = (
        f"{quoted(each.name)} {_type(each, wall_time=wall_time)}{' NOT NULL' if not_null and each.required else ''}"
        for each in fields
    )
    return ",\n    ".join(lines)


def names(fields: Iterable[Field], *, wall_time: bool = False) -> str:
    """The columns of a SELECT; with `wall_time`, for a table with such columns."""
    return ", ".join(_selected(each, wall_time=wall_time) for each in fields)


def _type(field: Field, *, wall_time: bool) -> str:
    found = column_type(field)
    return found.replace(_MOMENT, _WALL_TIME) if wall_time else found


def _selected(field: Field, *, wall_time: bool) -> str:
    asked = _type(field, wall_time=wall_time)
    name = quoted(field.name)
    return name if asked == column_type(field) else f"cast({name} as {asked})"


def json_topic(table: str, columns: str, topic: str, bootstrap: str, group: str) -> str:
    """A topic of JSON as the table `table`, read from where its consumer group stands."""
    names = {"topic": literal(topic), "bootstrap": literal(bootstrap), "group": literal(group)}
    return fill(SHARED / "json_topic.sql", table=table, columns=columns, **names)


def outputs(topics: Iterable[str], bootstrap: str, linger_ms: int = LINGER_MS) -> str:
    """The table `outputs`: finished messages with their key and the topic, one of `topics`, that each is for."""
    names = {"topics": literal(";".join(topics)), "bootstrap": literal(bootstrap), "linger_ms": str(linger_ms)}
    return fill(SHARED / "outputs.sql", **names)


def raw_topics(table: str, topics: Iterable[str], bootstrap: str, group: str) -> str:
    """Topics of raw bytes as the one table `table`, read from where their consumer group stands."""
    names = {"topics": literal(";".join(topics)), "bootstrap": literal(bootstrap), "group": literal(group)}
    return fill(SHARED / "raw_topics.sql", table=table, **names)


def fill(file: Path, **values: str) -> str:
    """The one statement in `file`, its $placeholders filled. Raises KeyError for a placeholder without a value."""
    return Template(file.read_text(encoding="utf-8")).substitute(values)
