"""Repeats and conflicts by id, and how ids expire by the log's clock."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pyflink.java_gateway import get_gateway

from tests.udfs.kernel_jar import kernel
from udfs.facts import EARLIER, FACTS, digests
from udfs.parts import record

REPEAT, CONFLICT = 0, 1
START = 1_700_000_000_000
DAY = 86_400_000
KEPT = 8 * DAY
HEADER, SLOT, MOST = 2, 44, 64


class Seen:
    """One bucket of ids; the offset counts up by itself."""

    def __init__(self) -> None:
        jvm = get_gateway().jvm
        self._pages: Any = jvm.org.apache.flink.table.api.dataview.MapView()
        self._ids = kernel().SeenIds(jvm.java.time.Duration.ofMillis(KEPT))
        self._offset = -1

    def check(self, id_: int, body: str, ms: int = START, partition: int = 0) -> tuple[int, int, int] | None:
        """None for a new id, else whether it conflicts, then partition and offset of the first."""
        self._offset += 1
        facts = np.zeros(1, FACTS)
        facts["id"], facts["content"] = id_, digests([body.encode()])
        facts["ingested_ms"], facts["source_partition"], facts["source_offset"] = ms, partition, self._offset
        found = self._ids.check(self._pages, record(facts.tobytes()))
        return tuple(np.frombuffer(found, EARLIER)[0].item()) if found else None

    def pages(self) -> dict[int, list[int]]:
        """The ids on each page."""
        held = {number: bytes(page) for number, page in self._pages.getMap().items()}
        used = {number: page[HEADER : HEADER + page[1] * SLOT] for number, page in held.items()}
        return {
            number: [int.from_bytes(slots[at : at + 8], "little") for at in range(0, len(slots), SLOT)]
            for number, slots in used.items()
        }

    def ids(self) -> list[int]:
        return sorted(each for ids in self.pages().values() for each in ids)


@pytest.fixture
def seen() -> Seen:
    return Seen()


def test_new_repeat_conflict(seen: Seen) -> None:
    assert seen.check(1, "body", partition=3) is None
    assert seen.check(2, "body") is None
    assert seen.check(1, "body") == (REPEAT, 3, 0)
    assert seen.check(1, "other") == (CONFLICT, 3, 0)
    assert seen.check(1, "body") == (REPEAT, 3, 0)


def test_ids_live_for_eight_days_after_the_first(seen: Seen) -> None:
    seen.check(1, "body")
    assert seen.check(1, "body", START + KEPT) == (REPEAT, 0, 0)
    assert seen.check(1, "body", START + KEPT + 1) is None
    assert seen.check(1, "body", START + KEPT + 2) == (REPEAT, 0, 2)


def test_what_expired_gives_way_when_its_page_is_full(seen: Seen) -> None:
    for id_ in range(MOST):
        seen.check(id_, "body", START + id_)
    assert seen.check(1_000, "body", START + KEPT + 10) is None
    assert seen.ids() == [*range(10, MOST), 1_000]
    assert list(seen.pages()) == [0]


def test_a_partition_read_ahead_removes_nothing_of_another(seen: Seen) -> None:
    for id_ in range(MOST):
        seen.check(id_, "body", partition=0)
    seen.check(1_000, "body", START + 30 * DAY, partition=1)
    assert [seen.check(id_, "body", START + DAY, partition=0) for id_ in range(MOST)] == [
        (REPEAT, 0, id_) for id_ in range(MOST)
    ]


def test_a_customer_who_moves_to_another_partition_is_still_known(seen: Seen) -> None:
    seen.check(1, "body", partition=0)
    assert seen.check(1, "body", START + DAY, partition=7) == (REPEAT, 0, 0)


def test_full_pages_are_split_by_the_bits_of_their_ids(seen: Seen) -> None:
    ids = [each * 2**57 + each for each in range(100)]
    for id_ in ids:
        assert seen.check(id_, "body") is None
    assert {number: sorted(each) for number, each in seen.pages().items()} == {0: ids[::2], 1: ids[1::2]}
    assert [seen.check(id_, "body") for id_ in ids] == [(REPEAT, 0, offset) for offset in range(100)]


def test_ids_that_no_bit_tells_apart_for_long_are_split_until_one_does(seen: Seen) -> None:
    ids = [each * 2**5 for each in range(MOST + 1)]
    for id_ in ids:
        assert seen.check(id_, "body") is None
    assert len(seen.pages()) == 2**6
    assert [seen.check(id_, "body") for id_ in ids] == [(REPEAT, 0, offset) for offset in range(MOST + 1)]


rows = st.lists(
    st.tuples(st.integers(0, 600), st.sampled_from(["one", "another"]), st.integers(0, 2), st.integers(0, DAY // 16)),
    max_size=800,
)


@settings(max_examples=10, deadline=None)
@given(rows)
def test_any_rows_are_answered_as_from_a_plain_dictionary(drawn: list[tuple[int, str, int, int]]) -> None:
    seen, known, ms = Seen(), dict[int, tuple[int, str, int, int]](), START
    for offset, (id_, body, partition, later) in enumerate(drawn):
        ms += later
        first = known.get(id_)
        if first is None or first[0] < ms - KEPT:
            known[id_] = (ms, body, partition, offset)
            first = None
        expected = first and (REPEAT if first[1] == body else CONFLICT, first[2], first[3])
        assert seen.check(id_, body, ms, partition) == expected
