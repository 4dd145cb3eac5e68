"""How much memory a system takes at most."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from contextlib import suppress
from threading import Event, Thread
from types import TracebackType
from typing import Self

import psutil

EVERY_SECONDS = 2.0
MIB = 1024 * 1024


def resident_mib(pids: Iterable[int]) -> float:
    """The sum of the resident sets; what processes share is counted for each."""
    total = 0
    for pid in pids:
        with suppress(psutil.NoSuchProcess):
            total += psutil.Process(pid).memory_info().rss
    return total / MIB


class Peak:
    """The most that `pids` together had while the block ran, looked at every 2 s."""

    def __init__(self, pids: Callable[[], Iterable[int]]) -> None:
        self._pids = pids
        self._over = Event()
        self._thread = Thread(target=self._watch, daemon=True)
        self.mib = 0.0

    def _watch(self) -> None:
        while not self._over.wait(EVERY_SECONDS):
            self.mib = max(self.mib, resident_mib(self._pids()))

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._over.set()
        self._thread.join()
