"""How entries of a map expire by the log's clock."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from pyflink.java_gateway import get_gateway

from tests.udfs.kernel_jar import kernel

START = 1_700_000_000_000
DAY = 86_400_000
KEPT = 15 * DAY
STAMP = bytes(12)
DAYS_OF_CLEANING = -(2**63)


class Entries:
    """One bucket."""

    def __init__(self) -> None:
        jvm = get_gateway().jvm
        self.map: Any = jvm.org.apache.flink.table.api.dataview.MapView()
        self._expiry = kernel().Expiry(jvm.java.time.Duration.ofMillis(KEPT)).over(self.map)

    def put(self, id_: int, content: str, ms: int = START, partition: int = 0) -> None:
        """As the kernel does it, on what it has read."""
        before = self._expiry.get(id_, ms)
        self._expiry.put(id_, (bytes(before)[:12] if before else STAMP) + content.encode(), partition, ms)

    def get(self, id_: int, ms: int = START) -> str | None:
        found = self._expiry.get(id_, ms)
        return bytes(found)[12:].decode() if found else None

    def ids(self) -> list[int]:
        return sorted(set(self.map.getMap()) - {DAYS_OF_CLEANING})


@pytest.fixture
def entries() -> Entries:
    return Entries()


def test_an_entry_lives_on_from_its_latest_write(entries: Entries) -> None:
    entries.put(1, "first")
    entries.put(1, "second", START + 10 * DAY)
    assert entries.get(1, START + 25 * DAY) == "second"
    assert entries.get(1, START + 25 * DAY + 1) is None


def test_a_new_day_removes_what_expired(entries: Entries) -> None:
    entries.put(1, "a")
    entries.put(2, "b", START + 5 * DAY)
    entries.put(3, "c", START + 16 * DAY)
    assert entries.ids() == [2, 3]


def test_a_partition_read_ahead_removes_nothing_of_another(entries: Entries) -> None:
    entries.put(1, "a", partition=0)
    entries.put(2, "b", START + 30 * DAY, partition=1)
    assert entries.get(1, START + DAY) == "a"


def test_each_partition_is_cleaned_by_its_own_days(entries: Entries) -> None:
    for partition in range(5):
        entries.put(partition, "old", partition=partition)
    for partition in range(5):
        entries.put(10 + partition, "new", START + 16 * DAY, partition=partition)
    assert entries.ids() == [10, 11, 12, 13, 14]
    days = np.frombuffer(bytes(entries.map.get(DAYS_OF_CLEANING)), "<i4").reshape(-1, 2)
    assert days.tolist() == [[partition, (START + 16 * DAY) // DAY] for partition in range(5)]


def test_an_id_that_falls_on_the_entry_of_the_days_is_an_id_like_others(entries: Entries) -> None:
    entries.put(DAYS_OF_CLEANING, "lowest")
    entries.put(2, "b", START + DAY)
    assert entries.get(DAYS_OF_CLEANING) == "lowest"
    assert entries.get(2, START + DAY) == "b"
