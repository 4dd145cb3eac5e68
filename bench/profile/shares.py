"""Arithmetic of shares: samples say in which proportions, the kernel's clock says how much."""

from __future__ import annotations

from collections.abc import Mapping

Parts = dict[str, float]
"""By name; seconds or microseconds."""


def add(parts: Parts, name: str, amount: float) -> None:
    parts[name] = parts.get(name, 0.0) + amount


def grown(before: Mapping[int, float], after: Mapping[int, float]) -> dict[int, float]:
    """By how much each has grown; what is new began at zero, what is gone is left out."""
    return {number: seconds - before.get(number, 0.0) for number, seconds in after.items()}


def shared_out(seconds: Mapping[int, float], seen: Mapping[int, Mapping[str, float]], otherwise: str) -> Parts:
    """The seconds of each thread among what it was seen doing; of one that was never seen, to `otherwise`.

    So a thread that is looked at more often than others gets no more than it took.
    """
    found: Parts = {}
    for thread, amount in seconds.items():
        looks = seen.get(thread, {})
        every = sum(looks.values())
        if every == 0:
            add(found, otherwise, amount)
        for name, number in looks.items():
            add(found, name, amount * number / every)
    return found


def ordered(parts: Mapping[str, float]) -> Parts:
    """The greatest first."""
    return dict(sorted(parts.items(), key=lambda each: -each[1]))
