"""One load: the lake's new files into the warehouse, with their manifest rows, in one transaction."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

import duckdb

from jobs.warehouse_load import incoming, merged, tables
from jobs.warehouse_load.incoming import Held
from jobs.warehouse_load.lake_files import LakeFile
from sluice import warehouse
from sluice.lake_layout import KINDS, Kind


@dataclass(frozen=True)
class Loaded:
    """What one load did, by kind; `recorded_at` is None when there was nothing new. `held` is what it left out."""

    files: dict[str, int]
    rows: dict[str, int]
    repeats: dict[str, int]
    recorded_at: datetime | None
    held: tuple[Held, ...] = ()


def _new(connection: duckdb.DuckDBPyConnection, files: Iterable[LakeFile]) -> tuple[list[LakeFile], list[Held]]:
    """The files that no load has taken, and those that changed after one had."""
    known = dict(connection.execute("select path, etag from load_manifest").fetchall())
    new, rewritten = [], []
    for each in files:
        if each.path not in known:
            new.append(each)
        elif known[each.path] != each.etag:
            message = f"its content has changed since it was loaded: etag {known[each.path]} then, {each.etag} now"
            rewritten.append(Held(each, "rewritten", message))
    return new, rewritten


def _append(connection: duckdb.DuckDBPyConnection, kind: Kind, recorded_at: datetime) -> int:
    """The rows of the kind's incoming table whose id is new, and how many they are.

    The lake holds an id once as long as its job goes on from its state. A lake job that was started without its state
    carries everything again: those rows are dropped here. A row and its repeat have the same time, which lets DuckDB
    look at little of the table.
    """
    (count,) = connection.execute(
        f"insert into lake_{kind.name} by name "  # noqa: S608  # names of our own contracts
        "select incoming.* exclude (filename, file_row_number), $recorded_at as recorded_at "
        f"from incoming_{kind.name} as incoming anti join lake_{kind.name} as before "
        f"on before.{kind.key} = incoming.{kind.key} and before.{kind.time} = incoming.{kind.time} "
        f"qualify row_number() over (partition by {kind.key} order by filename, file_row_number) = 1",
        {"recorded_at": recorded_at},
    ).fetchall()[0]
    return int(count)


def _note(connection: duckdb.DuckDBPyConnection, kind: Kind, files: Sequence[LakeFile], recorded_at: datetime) -> int:
    """A manifest row for each of the files that were read; returns how many rows they held."""
    counted = dict(
        connection.execute(f"select filename, count(*) from incoming_{kind.name} group by filename").fetchall()  # noqa: S608
    )
    connection.executemany(
        "insert into load_manifest values (?, ?, ?, ?, ?)",
        [[each.path, each.etag, kind.name, counted.get(each.path, 0), recorded_at] for each in files],
    )
    return sum(counted.values())


def _hold(connection: duckdb.DuckDBPyConnection, held: Iterable[Held], held_at: datetime) -> None:
    """A row for each file that is held back and was not yet, for what is wrong with it now."""
    for each in held:
        connection.execute(
            "insert into load_quarantine select $path, $etag, $kind, $reason, $message, $held_at where not exists "
            "(from load_quarantine where path = $path and etag = $etag and message = $message)",
            each.file._asdict() | {"reason": each.reason, "message": each.message, "held_at": held_at},
        )


def load(
    connection: duckdb.DuckDBPyConnection,
    files: Iterable[LakeFile],
    clock: Callable[[], datetime] = warehouse.now,
    replaced: Callable[[str], Sequence[str]] = lambda _: (),
) -> Loaded:
    """Load what is new among `files`: all of it or, on any error, nothing. A second call with the same files is idle.

    A file that is broken, or not such as its contract says, is held back and stops no other; each load looks at it
    again. `replaced` tells of a merged file which files it stands for; where these have been loaded, it is only noted.
    Raises WarehouseError where the lake does not answer.
    """
    with warehouse.transaction(connection):
        tables.prepare(connection)
    new, rewritten = _new(connection, sorted(files))
    books = merged.Books(connection, replaced)
    known, unknown = books.split(new)
    fresh, refused = incoming.read(connection, unknown)
    held = (*rewritten, *refused)
    by_kind = {kind: [each for each in fresh if each.kind == kind.name] for kind in KINDS}
    with warehouse.transaction(connection):
        recorded_at = warehouse.next_recorded(connection, clock())
        books.note(known)
        counts = {kind.name: _load_kind(connection, kind, each, recorded_at) for kind, each in by_kind.items()}
        _hold(connection, held, recorded_at)
    return Loaded(
        files={kind.name: len(each) for kind, each in by_kind.items()},
        rows={name: appended for name, (appended, _) in counts.items()},
        repeats={
            name: count - appended - sum(books.rows_known(each) for each in fresh if each.kind == name)
            for name, (appended, count) in counts.items()
        },
        recorded_at=recorded_at if fresh else None,
        held=held,
    )


def _load_kind(
    connection: duckdb.DuckDBPyConnection, kind: Kind, files: Sequence[LakeFile], recorded_at: datetime
) -> tuple[int, int]:
    """Rows appended, and rows held by the files."""
    if not files:
        return 0, 0
    return _append(connection, kind, recorded_at), _note(connection, kind, files, recorded_at)
