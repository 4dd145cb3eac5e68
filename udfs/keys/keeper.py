"""Keeps the token keys at hand: read anew in the background, and good for a while when who keeps them is away."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable
from typing import Generic, TypeVar

from udfs.keys.ring import KeysError

T = TypeVar("T")
RETRY_SECONDS = 2.0
RETRIED_ANSWER_SECONDS = 0.5
FIRST_ANSWER_SECONDS = 10.0
_log = logging.getLogger(__name__)


class Keeper(Generic[T]):
    """What `read` gave last. It is good for what Kafka appends within `lease_seconds` of the moment the reading began,
    since no rotation takes effect sooner than that.

    A thread lives for one reading only, so that nothing is left of a job that has ended.
    """

    def __init__(
        self, read: Callable[[], T], refresh_seconds: float, lease_seconds: float, clock_ms: Callable[[], int]
    ) -> None:
        self._read, self._clock_ms = read, clock_ms
        self._refresh_ms, self._lease_ms = round(refresh_seconds * 1_000), round(lease_seconds * 1_000)
        self._due_ms = self._good_before_ms = 0
        self._held: T | None = None
        self._reading: threading.Thread | None = None
        self.trouble = ""
        """Why the latest reading failed; empty when it did not."""

    def at(self, newest_ms: int) -> T | None:
        """What is good for records appended up to `newest_ms` (ms since 1970), or None while it can't be had.

        Waits for a reading; after one that has failed, for a moment only, and once for each that is tried.
        """
        begun = self._look_after()
        if newest_ms >= self._good_before_ms and self._reading is not None and (begun or not self.trouble):
            self._reading.join(RETRIED_ANSWER_SECONDS if self.trouble else FIRST_ANSWER_SECONDS)
        return self._held if newest_ms < self._good_before_ms else None

    def wait(self, newest_ms: int, seconds: float, pause_seconds: float = 0.1) -> T | None:
        """As `at`, but tries for so long."""
        end = time.monotonic() + seconds
        while (found := self.at(newest_ms)) is None and time.monotonic() < end:
            time.sleep(pause_seconds)
        return found

    def _look_after(self) -> bool:
        """Begin a reading where one is due; whether one was begun."""
        now_ms = self._clock_ms()
        due = now_ms >= self._due_ms and (self._reading is None or not self._reading.is_alive())
        if due:
            self._due_ms = now_ms + self._refresh_ms
            self._reading = threading.Thread(target=self._read_anew, args=(now_ms,), daemon=True)
            self._reading.start()
        return due

    def _read_anew(self, begun_ms: int) -> None:
        try:
            self._held = self._read()
        except KeysError as error:
            self._due_ms = begun_ms + min(self._refresh_ms, round(RETRY_SECONDS * 1_000))
            if not self.trouble:
                _log.warning("the token keys can't be read, and are tried again: %s", error)
            self.trouble = str(error)
        else:
            if self.trouble:
                _log.warning("the token keys can be read again")
            self.trouble, self._good_before_ms = "", begun_ms + self._lease_ms
