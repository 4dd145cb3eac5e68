"""Asks the warehouse: a report is an SQL file that takes `as_of` and `as_known`."""

from __future__ import annotations

from datetime import UTC, date, datetime, time
from pathlib import Path
from typing import Any, NamedTuple

import duckdb

from sluice import models, warehouse
from sluice.warehouse import SQL, WarehouseError

FOLDER = SQL / "reports"
_DATE_LENGTH = len("2026-11-03")


class Answer(NamedTuple):
    """The rows of a report, in its own order; dates are `datetime.date`, money integers in minor units."""

    columns: tuple[str, ...]
    rows: list[tuple[Any, ...]]
    as_of: datetime
    as_known: datetime


def moment(text: str, option: str) -> datetime:
    """`text` as a moment in UTC; a date means its last millisecond.

    Raises WarehouseError that names `option` when it is neither, has no zone, or is finer than a millisecond.
    """
    try:
        if len(text) == _DATE_LENGTH:
            return datetime.combine(date.fromisoformat(text), time(23, 59, 59, 999_000), UTC)
        parsed = datetime.fromisoformat(text)
        if parsed.tzinfo is not None and parsed.microsecond % 1_000 == 0:
            return parsed.astimezone(UTC)
    except (ValueError, OverflowError):
        pass
    raise WarehouseError(
        f"{option} {text!r} is not a date or a moment; write 2026-11-03 for the end of that day in UTC, "
        "or 2026-11-03T12:00:00Z, with milliseconds at most"
    )


def written(value: datetime) -> str:
    """`value` as it stands on the wire."""
    return value.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def names() -> list[str]:
    """Every report, as the command line writes it."""
    return sorted(file.stem.replace("_", "-") for file in FOLDER.glob("*.sql"))


def _file(name: str) -> Path:
    if name not in names():
        raise WarehouseError(f"there is no report {name!r}; there are: {', '.join(names())}")
    return FOLDER / f"{name.replace('-', '_')}.sql"


def described(name: str) -> dict[str, Any]:
    """What the yml beside the report `name` says: its `columns`, and `key` and `records` in `meta` of its `config`."""
    return models.described(_file(name))


def _check_known(connection: duckdb.DuckDBPyConnection, as_known: datetime | None) -> datetime:
    """The recorded time to answer for, by default the present.

    The present is never before the latest load, even when the machine's clock was set back. What will be known in
    the future can't be answered, for the same question would have another answer then.
    """
    recorded = warehouse.last_recorded(connection)
    if recorded is None:
        raise WarehouseError("nothing has been loaded into the warehouse yet; run `sluice load` first")
    present = max(warehouse.now(), recorded)
    if as_known is not None and as_known > present:
        raise WarehouseError(
            f"--as-known {written(as_known)} lies in the future, and what will be known then can't be answered now; "
            f"name a moment up to {written(present)}, or leave it out for the present"
        )
    return as_known or present


def ask(
    connection: duckdb.DuckDBPyConnection, name: str, as_of: datetime | None = None, as_known: datetime | None = None
) -> Answer:
    """The report `name`; without `as_of` or `as_known` as of, or as known in, the present.

    The same pair gives the same answer for ever: rows are only ever added with a later recorded time than any that
    was asked for. Raises WarehouseError for an unknown report, an empty warehouse or an `as_known` in the future.
    """
    query = models.query(_file(name))
    with warehouse.transaction(connection):
        known = _check_known(connection, as_known)
        of = as_of or known
        try:
            found = connection.execute(query, {"as_of": of, "as_known": known})
        except (duckdb.BinderException, duckdb.CatalogException) as error:
            raise WarehouseError("the warehouse was made by another release; run `sluice load` to go on") from error
        columns = tuple(each[0] for each in found.description or ())
        rows = found.fetchall()
        warehouse.note_answer(connection, known)
    return Answer(columns, rows, of, known)
