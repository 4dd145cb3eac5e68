"""Reads new files before anything is changed, and finds those that have to be held back."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import NamedTuple

import duckdb

from jobs.warehouse_load import schemas
from jobs.warehouse_load.lake_files import LakeFile
from sluice import lake_rows
from sluice.lake_layout import KINDS, Kind
from sluice.warehouse import WarehouseError


class Held(NamedTuple):
    """A file that is not loaded: `reason` is schema, unreadable or rewritten, `message` says what is wrong."""

    file: LakeFile
    reason: str
    message: str


def read(connection: duckdb.DuckDBPyConnection, files: Sequence[LakeFile]) -> tuple[list[LakeFile], list[Held]]:
    """All rows of `files` into the temporary tables `incoming_…`, one a kind, but for files that are held back.

    Returns what was read and what is held. Raises WarehouseError where the lake does not answer: that says nothing of
    a file.
    """
    good: list[LakeFile] = []
    held: list[Held] = []
    try:
        for kind in KINDS:
            if some := [each for each in files if each.kind == kind.name]:
                kept, refused = _read_kind(connection, kind, some)
                good += kept
                held += refused
    except duckdb.OperationalError as error:
        raise WarehouseError(
            f"the lake's new files can't be read: {str(error).splitlines()[0]}; "
            "nothing was changed, run `sluice load` again when the cause is gone"
        ) from error
    return good, held


def _read_kind(
    connection: duckdb.DuckDBPyConnection, kind: Kind, files: Sequence[LakeFile]
) -> tuple[list[LakeFile], list[Held]]:
    good, held = _by_schema(connection, kind, files)
    try:
        _fill(connection, kind, good)
    except duckdb.OperationalError:
        raise
    except duckdb.Error:
        readable = []
        for each in good:
            message = _unreadable(connection, kind, each)
            if message is None:
                readable.append(each)
            else:
                held.append(Held(each, "unreadable", message))
        good = readable
        _fill(connection, kind, good)
    return good, held


def _by_schema(
    connection: duckdb.DuckDBPyConnection, kind: Kind, files: Sequence[LakeFile]
) -> tuple[list[LakeFile], list[Held]]:
    """The files whose columns the contract allows, and the others. All are looked at together unless one is broken."""
    try:
        shapes = schemas.of_files(connection, [each.path for each in files])
    except duckdb.OperationalError:
        raise
    except duckdb.Error as error:
        if len(files) == 1:
            return [], [Held(files[0], "unreadable", _first_line(error))]
        half = len(files) // 2
        parts = [_by_schema(connection, kind, each) for each in (files[:half], files[half:])]
        return [each for good, _ in parts for each in good], [each for _, held in parts for each in held]
    wrong = {path: schemas.differences(kind, columns) for path, columns in shapes.items()}
    held = [Held(each, "schema", "; ".join(wrong[each.path])) for each in files if wrong[each.path]]
    return [each for each in files if not wrong[each.path]], held


def _fill(connection: duckdb.DuckDBPyConnection, kind: Kind, files: Iterable[LakeFile]) -> None:
    lake_rows.view(connection, "files", kind, [each.path for each in files])
    connection.execute(f"create or replace temp table incoming_{kind.name} as from files")


def _unreadable(connection: duckdb.DuckDBPyConnection, kind: Kind, file: LakeFile) -> str | None:
    """Why the rows of a file can't be read, or None."""
    try:
        _fill(connection, kind, [file])
    except duckdb.OperationalError:
        raise
    except duckdb.Error as error:
        return _first_line(error)
    return None


def _first_line(error: duckdb.Error) -> str:
    return str(error).splitlines()[0]
