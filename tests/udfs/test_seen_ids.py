"""Repeats and conflicts by id, and how ids expire by the log's clock."""

from __future__ import annotations

from typing import Any

import pytest
from pyflink.java_gateway import get_gateway

from tests.udfs.kernel_jar import kernel

FIRST, REPEAT, CONFLICT = 0, 1, 2
START = 1_700_000_000_000
DAY = 86_400_000


class Seen:
    """One bucket of ids; the offset counts up by itself."""

    def __init__(self) -> None:
        self._ids = kernel().SeenIds()
        self.state: Any = get_gateway().jvm.org.apache.flink.table.api.dataview.MapView()
        self._offset = -1

    def check(self, key: str, body: str, ms: int = START, partition: int = 0) -> tuple[int, int, int]:
        """Status, then partition and offset of the first."""
        self._offset += 1
        fingerprint = kernel().Hash.fingerprint(body.encode())
        status = self._ids.check(self.state, key, fingerprint, partition, self._offset, ms)
        return status, self._ids.firstPartition(), self._ids.firstOffset()

    def keys(self) -> list[str]:
        return sorted(each for each in self.state.getMap() if not each.startswith("cleaned"))


@pytest.fixture
def seen() -> Seen:
    return Seen()


def test_first_repeat_conflict(seen: Seen) -> None:
    assert seen.check("a", "body", partition=3) == (FIRST, 3, 0)
    assert seen.check("b", "body") == (FIRST, 0, 1)
    assert seen.check("a", "body") == (REPEAT, 3, 0)
    assert seen.check("a", "other") == (CONFLICT, 3, 0)
    assert seen.check("a", "body") == (REPEAT, 3, 0)


def test_ids_live_for_eight_days_after_the_first(seen: Seen) -> None:
    seen.check("a", "body")
    assert seen.check("a", "body", START + 8 * DAY) == (REPEAT, 0, 0)
    assert seen.check("a", "body", START + 8 * DAY + 1) == (FIRST, 0, 2)


def test_a_new_day_removes_what_expired(seen: Seen) -> None:
    seen.check("a", "body")
    seen.check("b", "body", START + 5 * DAY)
    seen.check("c", "body", START + 9 * DAY)
    assert seen.keys() == ["b", "c"]


def test_a_partition_read_ahead_removes_nothing_of_another(seen: Seen) -> None:
    seen.check("a", "body", partition=0)
    seen.check("b", "body", START + 30 * DAY, partition=1)
    assert seen.check("a", "body", START + DAY, partition=0) == (REPEAT, 0, 0)


def test_a_customer_who_moves_to_another_partition_is_still_known(seen: Seen) -> None:
    seen.check("a", "body", partition=0)
    assert seen.check("a", "body", START + DAY, partition=7) == (REPEAT, 0, 0)


def test_fingerprints_tell_bodies_apart() -> None:
    bodies = [b"", b"\0", b"\0" * 8, b"\0" * 16, b"12345678", b"123456789", b"12345678\0", b"1234567812345678"]
    bodies += [b"x" * at + b"y" + b"x" * (300 - at) for at in range(300)]
    assert len({kernel().Hash.fingerprint(body) for body in bodies}) == len(bodies)
