"""The books of partners' files in the warehouse, written in the same transaction as what they tell of."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from typing import Any

import duckdb
import pyarrow as pa

from contracts.reader import Contract
from jobs.partner_files.entries import Content, Entry
from jobs.warehouse_load import tables
from sluice import warehouse
from udfs.partner_files.refusal import FileRefusedError
from udfs.times import moment

Clock = Callable[[], datetime]
DONE = ("loaded", "duplicate")
_LATEST = "(from partner_files qualify row_number() over (partition by file_id order by recorded_at desc) = 1)"


def prepare(connection: duckdb.DuckDBPyConnection) -> None:
    with warehouse.transaction(connection):
        tables.prepare(connection)


def known(connection: duckdb.DuckDBPyConnection, feed: str) -> dict[str, str]:
    """The state of each file of `feed` that has ended in some way, by its id."""
    query = f"select file_id, state from {_LATEST} where feed = $feed"  # noqa: S608
    return dict(connection.execute(query, {"feed": feed}).fetchall())


def refuse(
    connection: duckdb.DuckDBPyConnection, entry: Entry, problem: FileRefusedError, clock: Clock = warehouse.now
) -> Entry:
    """Note why a file is not loaded; the same said again is no new row."""
    told = replace(
        entry,
        reason=problem.reason,
        message=problem.message,
        column_diff=tuple(problem.diff),
        findings=tuple(problem.findings),
    )
    with warehouse.transaction(connection):
        before = _latest(connection, entry.file_id)
        if before is None or before[:2] != (told.state, told.message):
            _write(connection, told, _now(connection, clock))
    return told


def load(
    connection: duckdb.DuckDBPyConnection,
    entry: Entry,
    content: Content,
    contract: Contract,
    clock: Clock = warehouse.now,
) -> Entry:
    """Append what the file says that is new, with its row here and in the manifest: all of it or nothing.

    A file whose content was loaded before, under whatever name, changes nothing; it is noted as a duplicate.
    """
    with warehouse.transaction(connection):
        before = _latest(connection, entry.file_id)
        if before is not None and before[0] in DONE:
            return replace(entry, state=before[0])
        read: dict[str, Any] = {
            "removed_columns": content.removed,
            "content_sha256": content.digest,
            "rows": content.rows,
        }
        recorded_at = _now(connection, clock)
        first = connection.execute(
            "select file_id from partner_files where feed = $feed and content_sha256 = $digest and state = 'loaded'",
            {"feed": entry.feed, "digest": content.digest},
        ).fetchone()
        if first is not None:
            told = replace(entry, state="duplicate", duplicate_of=first[0], **read)
        else:
            new_rows = _append(connection, entry, content, contract, recorded_at)
            told = replace(entry, state="loaded", new_rows=new_rows, **read)
            connection.execute(
                "insert into load_manifest values ($path, $digest, $kind, $rows, $recorded_at)",
                {
                    "path": f"partner_files/{entry.feed}/{entry.file_id}/{entry.name}",
                    "digest": content.digest,
                    "kind": contract.id,
                    "rows": content.rows,
                    "recorded_at": recorded_at,
                },
            )
        _write(connection, told, recorded_at)
    return told


def _now(connection: duckdb.DuckDBPyConnection, clock: Clock) -> datetime:
    """A recorded time later than any before, in these books too."""
    found = connection.execute("select epoch_ms(max(recorded_at)) from partner_files").fetchone()
    following = warehouse.next_recorded(connection, clock())
    if found is None or found[0] is None:
        return following
    return max(following, moment(found[0]) + warehouse.TICK)


def _append(
    connection: duckdb.DuckDBPyConnection, entry: Entry, content: Content, contract: Contract, recorded_at: datetime
) -> int:
    """The rows that say something else than the latest before on the same key, and how many they are."""
    (key,) = (each.name for each in contract.fields if each.primary_key)
    same = " and ".join(f'latest."{name}" is not distinct from came."{name}"' for name in contract.names())
    connection.register("partner_rows", pa.concat_tables(content.parts))
    try:
        (count,) = connection.execute(
            f"insert into {contract.id} by name "  # noqa: S608  # names of our own contracts
            "select came.*, $feed as feed, $file_id as file_id, $recorded_at as recorded_at from partner_rows as came "
            f"anti join (from {contract.id} where feed = $feed qualify row_number() over "
            f'(partition by "{key}" order by recorded_at desc) = 1) as latest on {same}',
            {"feed": entry.feed, "file_id": entry.file_id, "recorded_at": recorded_at},
        ).fetchall()[0]
    finally:
        connection.unregister("partner_rows")
    return int(count)


def _latest(connection: duckdb.DuckDBPyConnection, file_id: str) -> tuple[str, str | None] | None:
    found: tuple[str, str | None] | None = connection.execute(
        f"select state, message from {_LATEST} where file_id = $file_id",  # noqa: S608
        {"file_id": file_id},
    ).fetchone()
    return found


def _write(connection: duckdb.DuckDBPyConnection, entry: Entry, recorded_at: datetime) -> None:
    values = vars(entry) | {
        "column_diff": [{"column": column, "difference": difference} for column, difference in entry.column_diff],
        "findings": [{"line": line, "column": column, "problem": problem} for line, column, problem in entry.findings],
        "removed_columns": list(entry.removed_columns),
        "recorded_at": recorded_at,
    }
    named = ", ".join(f'${name} as "{name}"' for name in values)
    connection.execute(f"insert into partner_files by name select {named}", values)


def latest(connection: duckdb.DuckDBPyConnection, feed: str | None = None) -> list[dict[str, Any]]:
    """The latest row of each file, oldest first; moments as text in ISO 8601."""
    found = connection.execute(
        "select * replace (strftime(modified_at, '%Y-%m-%dT%H:%M:%SZ') as modified_at, "  # noqa: S608
        f"strftime(recorded_at, '%Y-%m-%dT%H:%M:%S.%gZ') as recorded_at) from {_LATEST} "
        "where feed = coalesce($feed, feed) order by recorded_at, file_id",
        {"feed": feed},
    )
    columns = [each[0] for each in found.description]
    return [dict(zip(columns, row, strict=True)) for row in found.fetchall()]
