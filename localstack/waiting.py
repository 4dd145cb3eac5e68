"""Waiting for a condition, with a deadline."""

from __future__ import annotations

import time
from collections.abc import Callable

PAUSE_SECONDS = 0.1


def until(condition: Callable[[], bool], seconds: float, pause: float = PAUSE_SECONDS) -> bool:
    """Whether `condition` came true within `seconds`; it is asked at least once, then every `pause` seconds."""
    deadline = time.monotonic() + seconds
    while not condition():
        if time.monotonic() >= deadline:
            return False
        time.sleep(pause)
    return True
