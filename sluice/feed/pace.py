"""A steady rate."""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator
from typing import TypeVar

BURST_SECONDS = 0.005

Item = TypeVar("Item")


def paced(items: Iterable[Item], rate: float) -> Iterator[Item]:
    """`rate` items a second from now on, evenly in bursts of 5 ms."""
    begin = time.monotonic()
    for number, each in enumerate(items):
        due = begin + number / rate
        while (wait := due - time.monotonic()) > BURST_SECONDS:
            time.sleep(wait)
        yield each
