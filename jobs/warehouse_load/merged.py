"""Files that compaction has merged: what they stand for may have been loaded before, all of it or a part."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

import duckdb

from jobs.warehouse_load.lake_files import LakeFile


class Books:
    """The load's manifest as it stands at the start of a load."""

    def __init__(self, connection: duckdb.DuckDBPyConnection, replaced: Callable[[str], Sequence[str]]) -> None:
        self._connection = connection
        self._replaced = replaced
        self._rows = dict(connection.execute("select path, rows from load_manifest").fetchall())

    def split(self, files: Iterable[LakeFile]) -> tuple[list[LakeFile], list[LakeFile]]:
        """The merged files of which every row has been loaded, and the others, to be loaded."""
        known: list[LakeFile] = []
        unknown: list[LakeFile] = []
        for each in files:
            (known if self._loaded(each.path)[1] else unknown).append(each)
        return known, unknown

    def note(self, files: Iterable[LakeFile]) -> None:
        """A manifest row for each of `files`, whose rows have been loaded.

        It was learned of when the latest of what it stands for was: nothing is recorded anew.
        """
        for each in files:
            loaded, _ = self._loaded(each.path)
            self._connection.execute(
                "insert into load_manifest select $path, $etag, $kind, sum(rows), max(loaded_at) "
                "from load_manifest where list_contains($loaded, path)",
                each._asdict() | {"loaded": loaded},
            )

    def rows_known(self, each: LakeFile) -> int:
        """How many rows of a file have been loaded from files that it stands for."""
        return sum(self._rows[path] for path in self._loaded(each.path)[0])

    def _loaded(self, path: str) -> tuple[list[str], bool]:
        """The loaded files whose rows `path` holds, and whether these are all of its rows.

        A merged file may stand for others that were merged before.
        """
        if path in self._rows:
            return [path], True
        inner = [self._loaded(each) for each in self._replaced(path)]
        return [each for found, _ in inner for each in found], bool(inner) and all(whole for _, whole in inner)
