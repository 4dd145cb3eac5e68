"""An object store in a folder, which can fail at any of its calls."""

from __future__ import annotations

import hashlib
import shutil
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

import duckdb

from jobs.warehouse_load import lake_files
from sluice import lake_rows
from sluice.compaction.objects import Listed
from sluice.compaction.steps import Compaction, Done
from sluice.lake_layout import KINDS

START = datetime(2026, 11, 10, tzinfo=UTC)
GRACE = timedelta(hours=72)
LARGE = 1 << 30


class Crash(Exception):  # noqa: N818 - it stands for a process that ends
    """The process that compacts ends here."""


class FolderObjects:
    """Every object is a file below `root`. The `dies_at`-th change crashes, before it is made or after."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.now = START
        self.changes = 0
        self.dies_at: float | None = None
        self._modified: dict[str, datetime] = {}

    def uri(self, key: str) -> str:
        return str(self.root / key)

    def list(self, prefix: str) -> Iterator[Listed]:
        for file in sorted(self.root.rglob("*")):
            key = file.relative_to(self.root).as_posix()
            if file.is_file() and key.startswith(prefix):
                content = file.read_bytes()
                modified = self._modified.setdefault(key, self.now)
                yield Listed(key, hashlib.sha256(content).hexdigest(), len(content), modified)

    def read(self, uri: str) -> bytes:
        return Path(uri).read_bytes()

    def fetch(self, each: Listed, file: Path) -> None:
        shutil.copy(self.root / each.key, file)

    def put(self, key: str, file: Path) -> None:
        with Change(self):
            shutil.copy(file, self.root / key)
            self._modified[key] = self.now

    def put_new(self, key: str, content: bytes) -> bool:
        with Change(self):
            if (self.root / key).exists():
                return False
            (self.root / key).write_bytes(content)
            self._modified[key] = self.now
        return True

    def delete(self, keys: Sequence[str]) -> None:
        for key in keys:
            with Change(self):
                (self.root / key).unlink(missing_ok=True)


class Change:
    """One change to the store: `dies_at` 3 crashes before the third, 3.5 after it."""

    def __init__(self, store: FolderObjects) -> None:
        self._store = store

    def __enter__(self) -> None:
        self._store.changes += 1
        self._die_at(self._store.changes)

    def __exit__(self, kind: object, *_: object) -> None:
        if kind is None:
            self._die_at(self._store.changes + 0.5)

    def _die_at(self, moment: float) -> None:
        if self._store.dies_at == moment:
            raise Crash


def compact(store: FolderObjects, target_bytes: int = LARGE) -> list[Done]:
    return list(Compaction(store, "lake", target_bytes, GRACE, "2026-11-09", lambda: store.now).run())


def names(store: FolderObjects) -> list[str]:
    """What a reader would read now, by name."""
    return [each.path.rpartition("/")[2] for each in lake_files.live(store, "lake")]


def rows(paths: dict[str, list[str]]) -> list[str]:
    """Every row of files, as text, in an order of its own."""
    found = []
    with duckdb.connect() as connection:
        connection.execute("set TimeZone = 'UTC'")
        for kind in KINDS:
            lake_rows.view(connection, "files", kind, paths[kind.name])
            columns = ", ".join([kind.day, *kind.contract.names()])
            found += [f"{kind.name} {row}" for row in connection.execute(f"select {columns} from files").fetchall()]  # noqa: S608
    return sorted(found)


def listed(store: FolderObjects) -> dict[str, list[str]]:
    """The files that a reader would read now."""
    return lake_files.paths_by_kind(lake_files.live(store, "lake"))
