"""Merges the small files of the lake, in steps of which each leaves a lake that reads the same.

1. The merged file is put, as a candidate that no reader looks at, and only when it is known to hold the same rows.
2. The log entry that names it is put, if there is none of that number yet: of two compactions at once one wins. From
   here on readers take the merged file.
3. After the grace period, when no reader has an older listing any more, what was replaced is deleted, and the entry
   settled.

A crash leaves at most candidates and files to delete; a later run sees to them. Nothing that Flink has not committed is
ever looked at: its unfinished uploads are no objects, and its finished files never change.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterator, Sequence
from datetime import datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import NamedTuple

from sluice.compaction import log, plan
from sluice.compaction.log import Entry, Folder
from sluice.compaction.merge import content, merge, schema_of
from sluice.compaction.objects import Listed, Objects
from sluice.errors import SluiceError
from sluice.lake_layout import KINDS, Kind


class Done(NamedTuple):
    """What was done to one folder: files merged into others, with their rows, and files deleted."""

    folder: str
    merged: int
    into: int
    rows: int
    deleted: int


class Compaction(NamedTuple):
    """Of the lake below `prefix`. Folders of days before `before`, as ISO 8601, are merged; settled are all."""

    objects: Objects
    prefix: str
    target_bytes: int
    grace: timedelta
    before: str
    clock: Callable[[], datetime]

    def run(self) -> Iterator[Done]:
        """Each folder in which something was done, when it is done. Raises SluiceError."""
        for kind in KINDS:
            for name in kind.folders:
                listed = self.objects.list(f"{self.prefix}/{name}/")
                for key in [each.key for each in log.folders(listed) if self._may_need_work(each)]:
                    done = self._folder(kind, key)
                    if done.merged or done.deleted:
                        yield done

    def _may_need_work(self, folder: Folder) -> bool:
        """Without a look into its log."""
        unsettled = any(each > folder.settled for each in [*folder.numbers, *folder.merged().values()])
        return unsettled or (folder.day < self.before and bool(self._batches(folder, ())))

    def _batches(self, folder: Folder, entries: Sequence[Entry]) -> list[list[Listed]]:
        return plan.batches(folder.live(entries), self.target_bytes)

    def _listed(self, key: str) -> Folder:
        return Folder(key, self.objects.list(f"{key}/"))

    def _folder(self, kind: Kind, key: str) -> Done:
        folder = self._listed(key)
        deleted = self._settle(folder)
        merged = into = rows = 0
        if folder.day < self.before:
            started, folder = self.clock(), self._listed(key)
            number = folder.next_number
            for batch in self._batches(folder, folder.entries(self.objects)):
                for entry in self._merge(kind, key, batch, number, started):
                    number += 1
                    merged, into, rows = merged + len(entry.replaced), into + 1, rows + entry.rows
        return Done(key, merged, into, rows, deleted)

    def _merge(self, kind: Kind, key: str, batch: Sequence[Listed], number: int, started: datetime) -> Iterator[Entry]:
        """The entries put for `batch`: one for each schema in it. None when another compaction was first."""
        with TemporaryDirectory() as scratch:
            folder = Path(scratch, *key.rsplit("/", 2)[1:])
            folder.mkdir(parents=True)
            by_schema: dict[str, list[Path]] = {}
            for each in batch:
                self.objects.fetch(each, folder / each.name)
                by_schema.setdefault(schema_of(folder / each.name), []).append(folder / each.name)
            for files in by_schema.values():
                if len(files) > 1:
                    entry = self._stand_for(kind, key, files, number, started)
                    if entry is None:
                        return
                    number += 1
                    yield entry

    def _stand_for(self, kind: Kind, key: str, files: Sequence[Path], number: int, started: datetime) -> Entry | None:
        target = files[0].parent / log.merged_name(number, uuid.uuid4().hex)
        merge(files, target)
        before, after = content(kind, files), content(kind, [target])
        if before != after:
            raise SluiceError(
                f"{len(files)} files of {key} hold {before.rows:,} rows, and merged they read as {after.rows:,} "
                "that are not the same; nothing was changed, please report it"
            )
        self.objects.put(f"{key}/{target.name}", target)
        entry = Entry(number, target.name, after.rows, tuple(each.name for each in files))
        if self.clock() - started > self.grace / 2:
            raise SluiceError(
                f"{key} has been worked on for more than half of the grace period of {self.grace}, so that another "
                "compaction may have deleted what this one has merged; raise lake.grace_hours"
            )
        if not self.objects.put_new(f"{key}/{log.entry_name(number)}", entry.written()):
            self.objects.delete([f"{key}/{target.name}"])
            return None
        return entry

    def _settle(self, folder: Folder) -> int:
        """Delete what the entries that are old enough have replaced, and candidates as old; how many files."""
        deleted = 0
        for entry in folder.entries(self.objects):
            lost = [name for name, number in folder.merged().items() if number == entry.number and name != entry.merged]
            if not all(self._is_old(folder.objects[name]) for name in [log.entry_name(entry.number), *lost]):
                return deleted
            if entry.merged not in folder.objects:
                raise SluiceError(
                    f"{self.objects.uri(folder.key)}/{entry.merged} is not there, which holds the rows of "
                    f"{len(entry.replaced)} files; find out who deleted it. To have those back that are left, "
                    f"delete {log.entry_name(entry.number)} beside it"
                )
            gone = [name for name in [*entry.replaced, *lost] if name in folder.objects]
            deleted += self._delete(folder, gone)
            self.objects.put_new(f"{folder.key}/{log.settled_name(entry.number)}", b"")
        last = folder.next_number - 1
        lost = [
            name for name, number in folder.merged().items() if number > last and self._is_old(folder.objects[name])
        ]
        return deleted + self._delete(folder, lost)

    def _delete(self, folder: Folder, names: Sequence[str]) -> int:
        if names:
            self.objects.delete([f"{folder.key}/{each}" for each in names])
        return len(names)

    def _is_old(self, each: Listed) -> bool:
        return self.clock() - each.modified >= self.grace
