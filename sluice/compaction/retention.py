"""Deletes folders of the lake whose day is longer ago than the settings keep it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from typing import NamedTuple

from sluice.compaction import log
from sluice.compaction.log import Folder
from sluice.compaction.objects import Objects
from sluice.lake_layout import KINDS
from sluice.settings import Lake


class Expired(NamedTuple):
    """A folder that may go, with what it holds; `day` is ISO 8601."""

    table: str
    day: str
    folder: Folder

    @property
    def bytes(self) -> int:
        return sum(each.size for each in self.folder.objects.values())


def expired(objects: Objects, lake: Lake, today: date) -> Iterator[Expired]:
    """Every folder that is older than its table keeps it, the oldest of each table first."""
    for kind in KINDS:
        days = getattr(lake.retention_days, kind.name)
        if days is not None:
            kept_from = (today - timedelta(days=days)).isoformat()
            for name in kind.folders:
                for folder in log.folders(objects.list(f"{lake.prefix}/{name}/")):
                    if folder.day < kept_from:
                        yield Expired(name, folder.day, folder)


def delete(objects: Objects, each: Expired) -> None:
    """Delete a folder: the data before the log, so that what was merged is never read from what it was merged of."""
    names = sorted(each.folder.objects, key=lambda name: (log.is_log(name), name))
    objects.delete([f"{each.folder.key}/{name}" for name in names])
