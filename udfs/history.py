"""The history kernel in plain Python: what it means, for readers and for the tests that hold the Java to it.

The jobs run `udfs/kernel`. Here an entity's memory is a list and two dictionaries instead of one array of bytes.
"""

from __future__ import annotations

import math
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from typing import NamedTuple

RING = 64
EXACT_WINDOWS_MS = (10_000, 60_000, 600_000)
SKETCH_BITS = 64
WORD = 0xFFFFFFFF


class Event(NamedTuple):
    """One transaction of an entity: ms since 1970, integer amount, 32-bit hashes of what is counted distinct."""

    time: int
    amount: int
    categories: tuple[int, ...]


def fmix32(value: int) -> int:
    """The finaliser of MurmurHash3: spreads each bit of a 32-bit value over all others."""
    value = (value ^ value >> 16) * 0x85EBCA6B & WORD
    value = (value ^ value >> 13) * 0xC2B2AE35 & WORD
    return value ^ value >> 16


def sketch(category: int) -> int:
    """One bit of 64, by which the distinct values of a bucket are estimated."""
    return 1 << (fmix32(category) % SKETCH_BITS)


def estimate(bits: int) -> int:
    """Distinct values that set `bits`, by linear counting (Whang et al., 1990); a full sketch has half a zero."""
    zeros = SKETCH_BITS - bits.bit_count() or 0.5
    return math.floor(-SKETCH_BITS * math.log(zeros / SKETCH_BITS) + 0.5)


@dataclass(frozen=True)
class Bucket:
    count: int
    total: int
    highest: int
    sketches: tuple[int, ...]

    @classmethod
    def of(cls, event: Event) -> Bucket:
        return cls(1, event.amount, event.amount, tuple(sketch(each) for each in event.categories))

    def __or__(self, other: Bucket) -> Bucket:
        sketches = tuple(mine | its for mine, its in zip(self.sketches, other.sketches, strict=True))
        return Bucket(self.count + other.count, self.total + other.total, max(self.highest, other.highest), sketches)

    def features(self) -> Iterator[int]:
        yield from (self.count, self.total, self.highest)
        yield from (estimate(each) for each in self.sketches)


@dataclass
class Buckets:
    """Sums over stretches of `width_ms`; the `kept` newest stretches are remembered, what is older is gone for good."""

    width_ms: int
    kept: int
    windows: tuple[int, ...]
    stored: dict[int, Bucket] = field(default_factory=dict)

    def add(self, event: Event, newest_ms: int) -> Iterator[int]:
        """Take `event` in, and give the features of each window that ends with its bucket."""
        number, oldest = event.time // self.width_ms, newest_ms // self.width_ms - self.kept + 1
        known = {each: bucket for each, bucket in self.stored.items() if each >= oldest}
        alone = Bucket.of(event)
        with_event = {**known, number: known[number] | alone if number in known else alone}
        self.stored = with_event if number >= oldest else known
        for window in self.windows:
            yield from _union(with_event, number - window + 1, number).features()


def _union(buckets: dict[int, Bucket], first: int, last: int) -> Bucket:
    union = replace(buckets[last])
    for number, bucket in buckets.items():
        if first <= number < last:
            union |= bucket
    return union


class EntityHistory:
    """What is remembered of one entity, in order of arrival: the latest rows, sums of stretches, the highest time."""

    def __init__(self) -> None:
        self.ring: deque[Event] = deque(maxlen=RING)
        self.short = Buckets(300_000, 12, (12,))
        self.long = Buckets(3_600_000, 168, (24, 168))
        self.newest_ms: int | None = None

    def add(self, event: Event) -> list[int]:
        """Take `event` in; returns its features in the order of contracts/card_features.yaml."""
        before = self.newest_ms
        self.newest_ms = newest = event.time if before is None else max(before, event.time)
        self.ring.append(event)
        return [
            *(feature for window in EXACT_WINDOWS_MS for feature in self._exact(event, window)),
            *self.short.add(event, newest),
            *self.long.add(event, newest),
            -1 if before is None else newest - before,
        ]

    def _exact(self, event: Event, window_ms: int) -> Iterator[int]:
        near = [each for each in self.ring if abs(each.time - event.time) <= window_ms]
        amounts = [each.amount for each in near]
        yield from (len(near), sum(amounts), max(amounts))
        for values in zip(*(each.categories for each in near), strict=True):
            yield len(set(values))
