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

    def note_known(self, files: Iterable[LakeFile]) -> list[LakeFile]:
        """A manifest row for each merged file of which every row has been loaded; returns the others, to be loaded.

        It was learned of when the latest of what it stands for was: nothing is recorded anew.
        """
        fresh = []
        for each in files:
            loaded, is_whole = self._loaded(each.path)
            if is_whole:
                self._connection.execute(
                    "insert into load_manifest select $path, $etag, $kind, sum(rows), max(loaded_at) "
                    "from load_manifest where list_contains($loaded, path)",
                    each._asdict() | {"loaded": loaded},
                )
            else:
                fresh.append(each)
        return fresh

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
