"""The right answer, in the plainest way; it shares nothing with the systems but the input."""

from __future__ import annotations

import hashlib
import hmac
import json
from collections import defaultdict
from datetime import datetime, timedelta
from pathlib import Path
from typing import NamedTuple

import orjson

from sluice.errors import SluiceError

LIMIT_CENTS = 800_00
NORMAL = 3
NEAR = timedelta(seconds=10)
SHOWN = 3


class Answer(NamedTuple):
    """One flagged transaction."""

    transaction_id: str
    token: str
    reasons: tuple[str, ...]


class WrongAnswerError(SluiceError):
    """A system's answer is not the right one, so its figures mean nothing."""


class OrderError(SluiceError):
    """A card's event times go backwards: then systems may rightly differ."""


class Oracle:
    """Takes the messages as they are sent; `answers` are those due so far."""

    def __init__(self, key_file: Path) -> None:
        (key,) = json.loads(key_file.read_text(encoding="utf-8"))["keys"]
        self._kid, self._key = key["kid"], bytes.fromhex(key["key"])
        self._times: dict[str, list[datetime]] = defaultdict(list)
        self.answers: set[Answer] = set()

    def take(self, message: bytes) -> None:
        """Raises OrderError."""
        transaction = orjson.loads(message)
        card, at = transaction["card_number"], datetime.fromisoformat(transaction["event_time"])
        times = self._times[card]
        if times and at < times[-1]:
            raise OrderError(f"transaction {transaction['transaction_id']} is older than its card's last")
        times.append(at)
        near = 0
        for each in reversed(times):
            if at - each > NEAR:
                break
            near += 1
        reasons = ["high_value"] if transaction["amount_minor"] > LIMIT_CENTS else []
        if near > NORMAL:
            reasons.append("card_velocity")
        if reasons:
            self.answers.add(Answer(transaction["transaction_id"], self._token(card), tuple(reasons)))

    def _token(self, card: str) -> str:
        return f"{self._kid}_{hmac.new(self._key, card.encode(), hashlib.sha256).hexdigest()}"


def answer(message: bytes) -> Answer:
    """The answer in a message of an output topic. Raises WrongAnswerError for one of another form."""
    try:
        found = orjson.loads(message)
        return Answer(found["transaction_id"], found["token"], tuple(found["reasons"]))
    except (ValueError, KeyError, TypeError) as error:
        raise WrongAnswerError(f"no answer: {message[:200]!r}") from error


def check(system: str, expected: set[Answer], found: set[Answer]) -> None:
    """Raises WrongAnswerError unless `found` is `expected`; it says how many differ, and shows some."""
    if found == expected:
        return
    parts = [
        f"{len(some):,} {word}, such as {sorted(some)[:SHOWN]}"
        for word, some in (("missing", expected - found), ("too many", found - expected))
        if some
    ]
    raise WrongAnswerError(f"{system} answers wrongly: {'; '.join(parts)}")
