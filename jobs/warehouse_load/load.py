"""One load: the lake's new files into the warehouse, with their manifest rows, in one transaction."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

import duckdb

from jobs.warehouse_load import merged, tables
from jobs.warehouse_load.lake_files import LakeFile
from sluice import lake_rows, warehouse
from sluice.lake_layout import KINDS, Kind
from sluice.warehouse import WarehouseError


@dataclass(frozen=True)
class Loaded:
    """What one load did, by kind; `recorded_at` is None when there was nothing new."""

    files: dict[str, int]
    rows: dict[str, int]
    repeats: dict[str, int]
    recorded_at: datetime | None


def _new(connection: duckdb.DuckDBPyConnection, files: Iterable[LakeFile]) -> list[LakeFile]:
    """The files that no load has seen. Raises WarehouseError for one that changed after it was loaded."""
    known = dict(connection.execute("select path, etag from load_manifest").fetchall())
    for each in files:
        if known.get(each.path, each.etag) != each.etag:
            raise WarehouseError(
                f"{each.path} was rewritten after it had been loaded (now etag {each.etag}); lake files must never "
                "change: find out who wrote it, and rebuild the warehouse from the lake if the new content is right"
            )
    return [each for each in files if each.path not in known]


def _read(connection: duckdb.DuckDBPyConnection, kind: Kind, paths: Sequence[str]) -> None:
    """All rows of `paths` into the temporary table `incoming`."""
    lake_rows.view(connection, "files", kind, paths)
    connection.execute("create or replace temp table incoming as select * from files")


def _append(connection: duckdb.DuckDBPyConnection, kind: Kind, recorded_at: datetime) -> int:
    """The rows of `incoming` whose id is new, and how many they are.

    The lake holds an id once as long as its job goes on from its state. A lake job that was started without its state
    carries everything again: those rows are dropped here. A row and its repeat have the same time, which lets DuckDB
    look at little of the table.
    """
    (count,) = connection.execute(
        f"insert into lake_{kind.name} by name "  # noqa: S608  # names of our own contracts
        "select incoming.* exclude (filename, file_row_number), $recorded_at as recorded_at from incoming "
        f"anti join lake_{kind.name} as before "
        f"on before.{kind.key} = incoming.{kind.key} and before.{kind.time} = incoming.{kind.time} "
        f"qualify row_number() over (partition by {kind.key} order by filename, file_row_number) = 1",
        {"recorded_at": recorded_at},
    ).fetchall()[0]
    return int(count)


def _note(connection: duckdb.DuckDBPyConnection, kind: Kind, files: Sequence[LakeFile], recorded_at: datetime) -> int:
    """A manifest row for each file of `incoming`; returns how many rows the files held."""
    counted = dict(connection.execute("select filename, count(*) from incoming group by filename").fetchall())
    connection.executemany(
        "insert into load_manifest values (?, ?, ?, ?, ?)",
        [[each.path, each.etag, kind.name, counted.get(each.path, 0), recorded_at] for each in files],
    )
    return sum(counted.values())


def load(
    connection: duckdb.DuckDBPyConnection,
    files: Iterable[LakeFile],
    clock: Callable[[], datetime] = warehouse.now,
    replaced: Callable[[str], Sequence[str]] = lambda _: (),
) -> Loaded:
    """Load what is new among `files`: all of it or, on any error, nothing. A second call with the same files is idle.

    `replaced` tells of a merged file which files it stands for; where these have been loaded, it is only noted.
    Raises WarehouseError for a file that can't be read or that changed after it was loaded.
    """
    with warehouse.transaction(connection):
        tables.prepare(connection)
        books = merged.Books(connection, replaced)
        fresh = books.note_known(_new(connection, sorted(files)))
        recorded_at = warehouse.next_recorded(connection, clock())
        by_kind = {kind: [each for each in fresh if each.kind == kind.name] for kind in KINDS}
        counts = {kind.name: _load_kind(connection, kind, each, recorded_at) for kind, each in by_kind.items()}
    return Loaded(
        files={kind.name: len(each) for kind, each in by_kind.items()},
        rows={name: appended for name, (appended, _) in counts.items()},
        repeats={
            name: held - appended - sum(books.rows_known(each) for each in fresh if each.kind == name)
            for name, (appended, held) in counts.items()
        },
        recorded_at=recorded_at if fresh else None,
    )


def _load_kind(
    connection: duckdb.DuckDBPyConnection, kind: Kind, files: Sequence[LakeFile], recorded_at: datetime
) -> tuple[int, int]:
    """Rows appended, and rows held by the files."""
    if not files:
        return 0, 0
    try:
        _read(connection, kind, [each.path for each in files])
        appended = _append(connection, kind, recorded_at)
    except duckdb.Error as error:
        raise WarehouseError(
            f"{len(files)} new files of {kind.name} can't be loaded: {str(error).splitlines()[0]}; "
            "nothing was changed, run `sluice load` again when the cause is gone"
        ) from error
    return appended, _note(connection, kind, files, recorded_at)
