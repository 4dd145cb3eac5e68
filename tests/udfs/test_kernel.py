"""The Java kernel equals its model in Python, on any sequence of events."""

from __future__ import annotations

import struct

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pyflink.java_gateway import get_gateway

from contracts import reader
from tests.udfs.kernel_jar import kernel
from udfs import history
from udfs.history import EntityHistory, Event

START = 1_700_000_000_000
DAY = 86_400_000

steps = st.one_of(
    st.just(0),
    st.integers(-12_000, 12_000),
    st.integers(-700_000, 700_000),
    st.integers(-2 * DAY, 2 * DAY),
    st.sampled_from([-400 * DAY, -8 * DAY, -7 * DAY, 7 * DAY, 400 * DAY]),
)
categories = st.tuples(*(st.integers(2**32 - 10, 2**32 + 9).map(lambda each: each % 2**32) for _ in range(3)))
events = st.lists(st.tuples(steps, st.integers(0, 10**11), categories), min_size=1, max_size=200)


def signed(word: int) -> int:
    """32 bits as Java has them."""
    return word - 2**32 if word >= 2**31 else word


class JavaHistory:
    """The kernel's memory of one entity, as bytes, behind the model's interface."""

    def __init__(self) -> None:
        gateway = get_gateway()
        self._history = kernel().EntityHistory()
        self._hashes = gateway.new_array(gateway.jvm.int, kernel().Catalogue.CATEGORIES)
        self.state: bytes | None = None

    def add(self, event: Event) -> list[int]:
        for position, category in enumerate(event.categories):
            self._hashes[position] = signed(category)
        self.state = self._history.update(self.state, kernel().Event(event.time, event.amount, self._hashes))
        return list(struct.unpack(f"<{kernel().Catalogue.SIZE}q", self._history.features()))


def assert_alike(sequence: list[Event], model: EntityHistory, java: JavaHistory) -> None:
    for event in sequence:
        assert java.add(event) == model.add(event), event


Drawn = list[tuple[int, int, tuple[int, int, int]]]


def in_time(drawn: Drawn) -> list[Event]:
    time, sequence = START, []
    for step, amount, values in drawn:
        time += step
        sequence.append(Event(time, amount, values))
    return sequence


@settings(max_examples=25, deadline=None)
@given(events)
def test_features_equal_the_model(drawn: Drawn) -> None:
    assert_alike(in_time(drawn), EntityHistory(), JavaHistory())


def test_features_equal_the_model_while_every_bucket_fills() -> None:
    hourly = [Event(START + hour * 3_600_000, hour, (hour, 1, hour % 9)) for hour in range(180)]
    burst = [Event(START + 180 * 3_600_000 + second, 5, (second, 2, 1)) for second in range(70)]
    assert_alike(hourly + burst, EntityHistory(), JavaHistory())


def layout_1(model: EntityHistory) -> bytes:
    """What the kernel of release 0.2.0 kept of an entity: a row is in the ring and, from the start, in buckets."""
    ring = b"".join(struct.pack("<qq3I", each.time, each.amount, *each.categories) for each in model.ring)
    parts = [(len(model.ring), ring)]
    for buckets in (model.short, model.long):
        packed = (
            struct.pack("<4q3Q", number, each.count, each.total, each.highest, *each.sketches)
            for number, each in buckets.stored.items()
        )
        parts.append((len(buckets.stored), b"".join(packed)))
    used = bytes(count for count, _ in parts)
    header = bytes(12) + b"\x01" + used + used + bytes([len(model.ring) % history.RING])
    return header + struct.pack("<q", model.newest_ms or 0) + b"".join(part for _, part in parts)


@settings(max_examples=25, deadline=None)
@given(events, events)
def test_state_of_layout_1_goes_on(drawn: Drawn, later: Drawn) -> None:
    sequence = in_time([*drawn, *later])
    model, java = EntityHistory(), JavaHistory()
    for event in sequence[: len(drawn)]:
        model.add(event)
    java.state = layout_1(model)
    assert_alike(sequence[len(drawn) :], model, java)


def test_state_is_small_for_a_card_seldom_used() -> None:
    java = JavaHistory()
    java.add(Event(START, 1, (1, 2, 3)))
    assert java.state is not None
    assert len(java.state) == 57


def test_state_of_another_layout_is_refused() -> None:
    java = JavaHistory()
    java.state = bytes(12) + b"\x09" + bytes(155)
    with pytest.raises(Exception, match="layout 9, this jar reads layouts up to 2"):
        java.add(Event(START, 1, (1, 2, 3)))


def test_catalogue_is_the_contract() -> None:
    names = kernel().Catalogue.names(["merchants", "countries", "terminals"])
    assert tuple(names) == reader.card_feature_names()


@settings(max_examples=50, deadline=None)
@given(st.integers(0, history.WORD), st.integers(0, history.SKETCH_BITS))
def test_sketches_equal_the_model(category: int, ones: int) -> None:
    assert kernel().Sketch.of(signed(category)) & (1 << 64) - 1 == history.sketch(category)
    bits = (1 << ones) - 1
    assert kernel().Sketch.estimate(bits - (1 << 64) if ones == history.SKETCH_BITS else bits) == history.estimate(bits)
