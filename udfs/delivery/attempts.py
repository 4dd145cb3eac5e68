"""One message to a receiver that may be slow, full or away: attempts, pauses, pace, and when to give up."""

from __future__ import annotations

import random
from enum import Enum
from typing import NamedTuple, Protocol

from udfs.delivery.messages import Message

FIRST_PAUSE_S, LONGEST_PAUSE_S = 1.0, 60.0
LONGEST_ASKED_S = 3_600.0
"""A receiver that asks for a longer pause is asked again after this one."""
_DOUBLINGS = 10
_HOUR_MS = 3_600_000


class Verdict(Enum):
    """`REFUSED`: this message will never be taken. `AGAIN`: the receiver takes nothing now."""

    DELIVERED = "delivered"
    REFUSED = "refused"
    AGAIN = "again"


class Answer(NamedTuple):
    """`words` say what the receiver did; `after_s` is how long it asks to be left alone."""

    verdict: Verdict
    words: str = ""
    after_s: float | None = None


class Channel(Protocol):
    def send(self, message: Message) -> Answer:
        """One attempt; a receiver that is away is an answer too, nothing is raised."""

    def close(self) -> None: ...


class Time(Protocol):
    def now_ms(self) -> int:
        """The wall clock."""

    def wait(self, seconds: float) -> bool:
        """Let so much time pass; whether to stop, which may be sooner."""


class Told(Protocol):
    def __call__(self, message: Message, answer: Answer, attempt: int, pause_s: float) -> None: ...


class Outcome(NamedTuple):
    """How a message ended; `verdict` is never AGAIN."""

    verdict: Verdict
    words: str
    attempts: int
    first_tried_ms: int
    ended_ms: int


def pause_s(attempt: int, asked_s: float | None, chance: float) -> float:
    """How long to wait after the failed attempt of this number, the first being 1.

    It doubles up to LONGEST_PAUSE_S. `chance`, from 0 to 1, decides on its upper half, so that receivers and instances
    part. What the receiver asks for is kept to, up to LONGEST_ASKED_S.
    """
    longest = min(LONGEST_PAUSE_S, FIRST_PAUSE_S * 2.0 ** min(attempt - 1, _DOUBLINGS))
    return max(longest * (1 + chance) / 2, min(asked_s or 0.0, LONGEST_ASKED_S))


class Courier:
    """Brings messages to one receiver, one after the other, no faster than `most_per_second` attempts."""

    def __init__(self, channel: Channel, time: Time, most_per_second: float, give_up_hours: float, told: Told) -> None:
        self._channel = channel
        self._time = time
        self._gap_ms = 1_000 / most_per_second
        self._patience_ms = give_up_hours * _HOUR_MS
        self._told = told
        self._last_ms: int | None = None

    def deliver(self, message: Message) -> Outcome | None:
        """Try until the receiver has answered for good, or for `give_up_hours`; None when stopped before that."""
        first_ms, attempt = None, 0
        while True:
            if self._keep_pace():
                return None
            tried_ms = self._last_ms = self._time.now_ms()
            first_ms = first_ms or tried_ms
            attempt += 1
            answer = self._channel.send(message)
            now_ms = self._time.now_ms()
            if answer.verdict is not Verdict.AGAIN:
                return Outcome(answer.verdict, answer.words, attempt, first_ms, now_ms)
            if now_ms - first_ms >= self._patience_ms:
                words = f"given up after {attempt} attempts; the last: {answer.words}"
                return Outcome(Verdict.REFUSED, words, attempt, first_ms, now_ms)
            pause = pause_s(attempt, answer.after_s, random.random())  # noqa: S311 - jitter, no secret
            self._told(message, answer, attempt, pause)
            if self._time.wait(pause):
                return None

    def _keep_pace(self) -> bool:
        if self._last_ms is None:
            return False
        early_ms = self._last_ms + self._gap_ms - self._time.now_ms()
        return early_ms > 0 and self._time.wait(early_ms / 1_000)
