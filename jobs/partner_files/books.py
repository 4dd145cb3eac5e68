"""The books of partners' files in the warehouse, written in the same transaction as what they tell of."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import duckdb
import pyarrow as pa

from contracts.reader import Contract
from jobs.partner_files.sftp import Offer
from jobs.warehouse_load import tables
from sluice import warehouse
from udfs.partner_files import names
from udfs.partner_files.refusal import FileRefusedError

Clock = Callable[[], datetime]
DONE = ("loaded", "duplicate")
_ARROW = {"string": pa.string(), "integer": pa.int64(), "timestamp": pa.timestamp("ms", tz="UTC")}
_LATEST = "(from partner_files qualify row_number() over (partition by file_id order by recorded_at desc) = 1)"


@dataclass(frozen=True)
class Entry:
    """A row of contracts/partner_files.yaml."""

    file_id: str
    feed: str
    name: str
    size_bytes: int
    modified_at: datetime
    state: str
    reason: str | None = None
    message: str | None = None
    column_diff: tuple[tuple[str, str], ...] = ()
    findings: tuple[tuple[int, str, str], ...] = ()
    removed_columns: tuple[str, ...] = ()
    received_sha256: str | None = None
    content_sha256: str | None = None
    duplicate_of: str | None = None
    rows: int = 0
    new_rows: int = 0


@dataclass(frozen=True)
class Content:
    """What is left of a file that is as its contract says: Arrow tables, without the columns that were removed."""

    parts: Sequence[Any]
    removed: tuple[str, ...]
    digest: str
    rows: int


def arrow(columns: dict[str, list[Any]], contract: Contract) -> Any:
    """The values of some rows as an Arrow table with the contract's fields."""
    schema = pa.schema([(each.name, _ARROW[each.type]) for each in contract.fields])
    return pa.table(columns, schema=schema)


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
    told = _with(
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
            return _with(entry, state=before[0])
        read = {"removed_columns": content.removed, "content_sha256": content.digest, "rows": content.rows}
        recorded_at = _now(connection, clock)
        first = connection.execute(
            "select file_id from partner_files where feed = $feed and content_sha256 = $digest and state = 'loaded'",
            {"feed": entry.feed, "digest": content.digest},
        ).fetchone()
        if first is not None:
            told = _with(entry, state="duplicate", duplicate_of=first[0], **read)
        else:
            new_rows = _append(connection, entry, content, contract, recorded_at)
            told = _with(entry, state="loaded", new_rows=new_rows, **read)
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
    moment = warehouse.next_recorded(connection, clock())
    if found is None or found[0] is None:
        return moment
    return max(moment, datetime.fromtimestamp(found[0] / 1_000, UTC) + warehouse.TICK)


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


def _with(entry: Entry, **values: Any) -> Entry:
    return Entry(**(vars(entry) | values))


def entry(file_id: str, feed: str, offer: Offer, state: str, received_sha256: str | None = None) -> Entry:
    """The books' row of what the server offered, in `state`."""
    return Entry(
        file_id,
        feed,
        names.shown(offer.name),
        offer.size,
        datetime.fromtimestamp(offer.modified_ms / 1_000, UTC),
        state,
        received_sha256=received_sha256,
    )


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
