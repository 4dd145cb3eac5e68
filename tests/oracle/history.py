"""What is known of an entity, a card for example, by definition: scan what has arrived of it so far."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from functools import cache
from typing import NamedTuple

REMEMBERED = 64
EXACT_WINDOWS_MS = (10_000, 60_000, 600_000)
SKETCH_BITS = 64


class Use(NamedTuple):
    """`values` are those whose distinct number is counted: of a card, its merchant, country and terminal."""

    event_ms: int
    usd_minor: int
    values: tuple[str, str, str]


@cache
def sketch(text: str) -> int:
    """One bit of 64, by CRC-32 (ISO 3309, bit by bit) and the final mix of MurmurHash3."""
    word = 0xFFFFFFFF
    for byte in text.encode("utf-8"):
        word ^= byte
        for _ in range(8):
            word = word >> 1 ^ (0xEDB88320 if word & 1 else 0)
    word ^= 0xFFFFFFFF
    word = ((word ^ (word >> 16)) * 0x85EBCA6B) & 0xFFFFFFFF
    word = ((word ^ (word >> 13)) * 0xC2B2AE35) & 0xFFFFFFFF
    return 1 << ((word ^ (word >> 16)) & (SKETCH_BITS - 1))


@cache
def estimate(bits: int) -> int:
    """Distinct values behind a sketch, by linear counting; a full sketch counts as half a zero."""
    zeros = SKETCH_BITS - bits.bit_count()
    return math.floor(-SKETCH_BITS * math.log((zeros or 0.5) / SKETCH_BITS) + 0.5)


@dataclass
class Bucket:
    count: int = 0
    total: int = 0
    highest: int = 0
    sketches: tuple[int, ...] = (0, 0, 0)

    def add(self, use: Use) -> None:
        self.count += 1
        self.total += use.usd_minor
        self.highest = max(self.highest, use.usd_minor)
        self.sketches = tuple(known | sketch(value) for known, value in zip(self.sketches, use.values, strict=True))


@dataclass
class Buckets:
    """Sums by stretches of `width_ms`; only the latest `kept` of them are remembered."""

    width_ms: int
    kept: int
    by_number: dict[int, Bucket] = field(default_factory=dict)

    def store(self, use: Use) -> Bucket | None:
        """Remember `use`; where it is too old for that, it comes back as a bucket of its own."""
        number = use.event_ms // self.width_ms
        newest = max([number, *self.by_number])
        for old in [each for each in self.by_number if each <= newest - self.kept]:
            del self.by_number[old]
        if number > newest - self.kept:
            self.by_number.setdefault(number, Bucket()).add(use)
            return None
        alone = Bucket()
        alone.add(use)
        return alone

    def features(self, use: Use, window: int, alone: Bucket | None) -> list[int]:
        number = use.event_ms // self.width_ms
        chosen = [bucket for at, bucket in self.by_number.items() if number - window < at <= number]
        return _summed(chosen if alone is None else [*chosen, alone])


def _summed(buckets: list[Bucket]) -> list[int]:
    sketches = [0, 0, 0]
    for each in buckets:
        sketches = [known | more for known, more in zip(sketches, each.sketches, strict=True)]
    return [
        sum(each.count for each in buckets),
        sum(each.total for each in buckets),
        max(each.highest for each in buckets),
        *map(estimate, sketches),
    ]


def _exact(chosen: list[Use]) -> list[int]:
    return [
        len(chosen),
        sum([each.usd_minor for each in chosen]),
        max([each.usd_minor for each in chosen]),
        *(len(set(values)) for values in zip(*(each.values for each in chosen), strict=True)),
    ]


class Entity:
    """The history of one entity; `add` takes its transactions in the order of arrival."""

    def __init__(self) -> None:
        self._latest: list[Use] = []
        self._newest_ms: int | None = None
        self._minutes = Buckets(300_000, 12)
        self._hours = Buckets(3_600_000, 168)

    def add(self, use: Use) -> tuple[int, ...]:
        """The features at this transaction, in the order of the contract."""
        self._latest = [*self._latest, use][-REMEMBERED:]
        near = self._latest
        exact: list[list[int]] = []
        for window in reversed(EXACT_WINDOWS_MS):
            near = [each for each in near if abs(each.event_ms - use.event_ms) <= window]
            exact.insert(0, _exact(near))
        features = [*exact[0], *exact[1], *exact[2]]
        alone = self._minutes.store(use)
        features += self._minutes.features(use, 12, alone)
        alone = self._hours.store(use)
        features += self._hours.features(use, 24, alone)
        features += self._hours.features(use, 168, alone)
        since = -1 if self._newest_ms is None else max(0, use.event_ms - self._newest_ms)
        self._newest_ms = use.event_ms if self._newest_ms is None else max(self._newest_ms, use.event_ms)
        return (*features, since)
