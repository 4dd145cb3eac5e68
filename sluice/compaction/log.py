"""What a folder of the lake holds: a log of small objects beside the data says which files were merged into which.

`merged-000002-…` is a candidate until `compacted-000002.json` names it; that object can be put only once, and from
then on the merged file stands for those that the entry names. `compacted-000002.settled` says that these are deleted,
and candidates that lost too: a reader then needs no entry to know what counts.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby
from typing import NamedTuple

from sluice.compaction.objects import Listed, Objects
from sluice.lake_layout import FILE_PREFIX

_MERGED = re.compile(r"merged-(\d{6})-")
_ENTRY = re.compile(r"compacted-(\d{6})\.json")
_SETTLED = re.compile(r"compacted-(\d{6})\.settled")


class Entry(NamedTuple):
    """Entry `number` of a folder's log: `merged` holds the `rows` of the files `replaced`; names, not keys."""

    number: int
    merged: str
    rows: int
    replaced: tuple[str, ...]

    def written(self) -> bytes:
        return json.dumps(self._asdict()).encode()


def entry_name(number: int) -> str:
    return f"compacted-{number:06}.json"


def settled_name(number: int) -> str:
    return f"compacted-{number:06}.settled"


def merged_name(number: int, unique: str) -> str:
    return f"merged-{number:06}-{unique}"


def is_log(name: str) -> bool:
    """Whether it is an object of the log, not a file with rows."""
    return name.startswith("compacted-")


def merged_number(name: str) -> int | None:
    """The log entry that would name the merged file; None for any other file."""
    found = _MERGED.match(name)
    return int(found[1]) if found else None


def read_entry(objects: Objects, folder: str, number: int) -> Entry:
    """Entry `number` of the folder with the URI `folder`."""
    values = json.loads(objects.read(f"{folder}/{entry_name(number)}"))
    return Entry(**values | {"replaced": tuple(values["replaced"])})


def replaced(objects: Objects, path: str) -> tuple[str, ...]:
    """The URIs of the files that the merged file `path` stands for; none for any other file."""
    folder, _, name = path.rpartition("/")
    number = merged_number(name)
    if number is None:
        return ()
    return tuple(f"{folder}/{each}" for each in read_entry(objects, folder, number).replaced)


class Folder:
    """One day of one table in one format, as it was listed. `key` is that of the folder, without a slash at its end."""

    def __init__(self, key: str, listed: Iterable[Listed]) -> None:
        self.key = key
        self.objects = {each.name: each for each in listed}
        self.numbers = self._numbers(_ENTRY)
        self.settled = max(self._numbers(_SETTLED), default=0)

    def _numbers(self, pattern: re.Pattern[str]) -> list[int]:
        return sorted(int(found[1]) for found in map(pattern.fullmatch, self.objects) if found)

    @property
    def day(self) -> str:
        """As in `event_date=2026-11-03`."""
        return self.key.rpartition("=")[2]

    @property
    def next_number(self) -> int:
        return max(self.numbers, default=0) + 1

    def merged(self) -> dict[str, int]:
        """Each merged file and the number of its entry, whether that is there or not."""
        numbers = {name: merged_number(name) for name in self.objects}
        return {name: number for name, number in numbers.items() if number is not None}

    def entries(self, objects: Objects) -> list[Entry]:
        """The log's entries that are not settled, the oldest first: all that has to be read."""
        return [read_entry(objects, objects.uri(self.key), each) for each in self.numbers if each > self.settled]

    def live(self, entries: Sequence[Entry]) -> list[Listed]:
        """The files that count, each row once. `entries` are those of `entries()`."""
        gone = {name for each in entries for name in each.replaced}
        named = {each.merged for each in entries} | {
            name for name, number in self.merged().items() if number <= self.settled
        }
        return [
            each
            for name, each in self.objects.items()
            if name not in gone and (name.startswith(FILE_PREFIX) or name in named)
        ]


def folders(listed: Iterable[Listed]) -> Iterator[Folder]:
    """The folders of objects that come by key."""
    for key, each in groupby(listed, lambda one: one.key.rpartition("/")[0]):
        yield Folder(key, each)
