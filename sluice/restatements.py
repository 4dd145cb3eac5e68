"""What a report says otherwise at two moments of knowledge, row by row, and the records that made it so.

The yml beside a report names its `key` and its `records`: the models that it reads, the column of business time there,
and the part of the key (`by`, all of it where left out) that says which rows of the report a record counts in.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple

import duckdb

from sluice import reports
from sluice.warehouse import WarehouseError
from udfs.times import moment

Values = dict[str, Any]
_COLUMNS = ("transaction_id", "customer_id", "source_partition", "source_offset")


class Record(NamedTuple):
    """A source record that became known between the two moments, or stopped counting as a later one took its place."""

    model: str
    change: str
    transaction_id: str | None
    customer_id: str | None
    source_partition: int | None
    source_offset: int | None
    recorded_at: datetime


class Restated(NamedTuple):
    """A row of the report: `change` is added, removed or changed; `before` and `after` hold what is not its key."""

    change: str
    key: Values
    before: Values | None
    after: Values | None
    records: tuple[Record, ...]

    def values(self, name: str) -> tuple[Any, Any]:
        """A column at the first moment and at the second."""
        return tuple((each or {}).get(name) for each in (self.before, self.after))  # type: ignore[return-value]


class Difference(NamedTuple):
    """The rows of `name` that were restated, in the order of their keys as text."""

    name: str
    columns: tuple[str, ...]
    rows: tuple[Restated, ...]
    as_of: datetime
    known: tuple[datetime, datetime]


def diff(
    connection: duckdb.DuckDBPyConnection, name: str, as_of: datetime | None, known: Sequence[datetime]
) -> Difference:
    """The report `name` as of one moment, as known at the earlier of `known`, against the later.

    Raises WarehouseError as `reports.ask` does, and when `known` is one moment twice.
    """
    first, second = sorted(known)
    if first == second:
        raise WarehouseError(f"both --as-known are {reports.written(first)}; name two moments to compare")
    of = as_of or second
    before, after = (reports.ask(connection, name, of, each) for each in (first, second))
    meta = reports.described(name)["config"]["meta"]
    key = meta["key"]
    old, new = _by_key(before, key), _by_key(after, key)
    changed = sorted((each for each in old.keys() | new.keys() if old.get(each) != new.get(each)), key=_as_text)
    causes = [_records(connection, each, key, of, first, second) for each in meta["records"]] if changed else []
    rows = tuple(
        Restated(
            "added" if each not in old else "removed" if each not in new else "changed",
            dict(zip(key, each, strict=True)),
            old.get(each),
            new.get(each),
            tuple(record for on, found in causes for record in found.get(tuple(each[i] for i in on), ())),
        )
        for each in changed
    )
    return Difference(name, after.columns, rows, of, (first, second))


def _by_key(answer: reports.Answer, key: Sequence[str]) -> dict[tuple[Any, ...], Values]:
    rows = [dict(zip(answer.columns, row, strict=True)) for row in answer.rows]
    return {
        tuple(row[each] for each in key): {name: value for name, value in row.items() if name not in key}
        for row in rows
    }


def _as_text(key: tuple[Any, ...]) -> tuple[str, ...]:
    return tuple(map(str, key))


def _records(
    connection: duckdb.DuckDBPyConnection,
    source: Mapping[str, Any],
    key: Sequence[str],
    as_of: datetime,
    first: datetime,
    second: datetime,
) -> tuple[list[int], dict[tuple[Any, ...], list[Record]]]:
    """The places in the key that the records of `source` fill, and the records by their values."""
    model, by = source["model"], source.get("by", key)
    spans = "superseded_at" in connection.sql(f"from {model}").columns
    superseded = "superseded_at" if spans else "cast(null as timestamptz)"
    found = connection.execute(
        f"with records as (select *, {superseded} as until from {model} where {source['time']} <= $as_of), "  # noqa: S608  # names of our own models
        "changes as (select *, 'learned' as change, recorded_at as moment from records "
        "where recorded_at > $first and recorded_at <= $second and (until is null or until > $second) "
        "union all select *, 'superseded', until from records "
        "where recorded_at <= $first and until > $first and until <= $second) "
        f"select {', '.join([*by, 'change', *_COLUMNS, 'epoch_ms(moment)'])} from changes order by all",
        {"as_of": as_of, "first": first, "second": second},
    ).fetchall()
    records: dict[tuple[Any, ...], list[Record]] = {}
    for *values, milliseconds in found:
        change, transaction, customer, partition, offset = values[len(by) :]
        record = Record(model, change, transaction, customer, partition, offset, moment(milliseconds))
        records.setdefault(tuple(values[: len(by)]), []).append(record)
    return [key.index(each) for each in by], records
