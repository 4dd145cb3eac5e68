"""Signals while processes are being started and stopped: none may fall between a start and its record."""

from __future__ import annotations

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

CATCHABLE = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


def _in_main_thread() -> bool:
    """Python runs signal handlers in the main thread only; elsewhere there is nothing to guard against."""
    return threading.current_thread() is threading.main_thread()


@contextmanager
def postponed() -> Iterator[None]:
    """Hold back SIGINT, SIGTERM and SIGHUP until the block has ended, then deliver them as if they came now."""
    if not _in_main_thread():
        yield
        return
    caught: list[int] = []

    def remember(number: int, _frame: FrameType | None) -> None:
        caught.append(number)

    before = {each: signal.signal(each, remember) for each in CATCHABLE}
    try:
        yield
    finally:
        for each, handler in before.items():
            signal.signal(each, handler)
    for number in dict.fromkeys(caught):
        signal.raise_signal(number)


@contextmanager
def as_keyboard_interrupt() -> Iterator[None]:
    """Within the block SIGTERM and SIGHUP raise KeyboardInterrupt as SIGINT does, so that `finally` clauses run."""
    if not _in_main_thread():
        yield
        return

    def interrupt(_number: int, _frame: FrameType | None) -> None:
        raise KeyboardInterrupt

    before = {each: signal.signal(each, interrupt) for each in CATCHABLE}
    try:
        yield
    finally:
        for each, handler in before.items():
            signal.signal(each, handler)
