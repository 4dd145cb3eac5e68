"""Repeats and conflicts by id, and how ids expire by the log's clock."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from pyflink.java_gateway import get_gateway

from tests.udfs.kernel_jar import kernel
from udfs.facts import EARLIER, FACTS, digests
from udfs.parts import record

REPEAT, CONFLICT = 0, 1
START = 1_700_000_000_000
DAY = 86_400_000


class Seen:
    """One bucket of ids; the offset counts up by itself."""

    def __init__(self) -> None:
        jvm = get_gateway().jvm
        views = [jvm.org.apache.flink.table.api.dataview.MapView() for _ in range(2)]
        self._expiry = kernel().Expiry(jvm.java.time.Duration.ofDays(8)).over(*views)
        self.state: Any = views[0]
        self._offset = -1

    def check(self, key: str, body: str, ms: int = START, partition: int = 0) -> tuple[int, int, int] | None:
        """None for a new id, else whether it conflicts, then partition and offset of the first."""
        self._offset += 1
        facts = np.zeros(1, FACTS)
        facts["id"], facts["content"] = ord(key), digests([body.encode()])
        facts["ingested_ms"], facts["source_partition"], facts["source_offset"] = ms, partition, self._offset
        found = kernel().SeenIds.check(self._expiry, record(facts.tobytes()))
        return tuple(np.frombuffer(found, EARLIER)[0].item()) if found else None

    def keys(self) -> list[str]:
        return sorted(map(chr, self.state.getMap()))


@pytest.fixture
def seen() -> Seen:
    return Seen()


def test_new_repeat_conflict(seen: Seen) -> None:
    assert seen.check("a", "body", partition=3) is None
    assert seen.check("b", "body") is None
    assert seen.check("a", "body") == (REPEAT, 3, 0)
    assert seen.check("a", "other") == (CONFLICT, 3, 0)
    assert seen.check("a", "body") == (REPEAT, 3, 0)


def test_ids_live_for_eight_days_after_the_first(seen: Seen) -> None:
    seen.check("a", "body")
    assert seen.check("a", "body", START + 8 * DAY) == (REPEAT, 0, 0)
    assert seen.check("a", "body", START + 8 * DAY + 1) is None


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
