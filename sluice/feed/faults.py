"""Mixes the troubles of real feeds into generated traffic, by a seed, for tests and the demonstration."""

from __future__ import annotations

import heapq
from collections.abc import Iterable, Iterator
from datetime import datetime
from random import Random
from typing import NamedTuple

import orjson

from sluice.feed.errors import FeedError
from sluice.feed.generate import Generated, Label
from sluice.feed.malformed import DAY_MS, HUGE_BYTES, MALFORMED, Body, in_groups, padded
from sluice.feed.times import iso, milliseconds

LATEST_MESSAGES = 2_000
LATE_DAYS = (1, 5)  # within the seven days of the contract, for traffic that is not older than a day

REPEATS = ("duplicate", "relaid_duplicate", "conflict")
"""Messages that come again, later."""
DISGUISES = ("out_of_order", "unknown_field")
"""What happens to a transaction itself; it stays valid."""
_DECK = [*REPEATS * 4, *DISGUISES * 4, *["late"] * 4, *MALFORMED]


class Troubled(NamedTuple):
    """A message, with the name of its trouble; a repeat and a malformed one have no label."""

    key: bytes
    value: bytes
    label: Label | None
    trouble: str | None


def _deck(rng: Random) -> Iterator[str]:
    """Troubles without end; all of them come before one comes more often than it should."""
    while True:
        yield from rng.sample(_DECK, len(_DECK))


def _repeat(trouble: str, body: Body, value: bytes, rng: Random) -> bytes:
    if trouble == "conflict":
        return orjson.dumps({**body, "amount_minor": body["amount_minor"] + rng.randint(1, 100)})
    if trouble == "relaid_duplicate":
        names = rng.sample(list(body), len(body))
        return orjson.dumps({name: body[name] for name in names}, option=orjson.OPT_INDENT_2)
    return value


def _late(body: Body, rng: Random) -> bytes:
    event_ms = milliseconds(datetime.fromisoformat(body["event_time"]))
    return orjson.dumps({**body, "event_time": iso(event_ms - rng.randint(*LATE_DAYS) * DAY_MS)})


class _Mixer:
    def __init__(self, rng: Random, now_ms: int) -> None:
        self._rng = rng
        self._now_ms = now_ms
        self._deck = _deck(rng)
        self._held: list[tuple[int, int, Troubled]] = []
        self._made = 0

    def hold(self, message: Troubled, position: int) -> None:
        """Send `message` some places after `position`."""
        self._made += 1
        heapq.heappush(self._held, (position + self._rng.randint(1, LATEST_MESSAGES), self._made, message))

    def due(self, position: float) -> Iterator[Troubled]:
        """What was held until `position`."""
        while self._held and self._held[0][0] <= position:
            yield heapq.heappop(self._held)[2]

    def trouble(self, each: Generated, position: int) -> Iterator[Troubled]:
        """`each` and the next trouble of the deck."""
        trouble, rng = next(self._deck), self._rng
        body = orjson.loads(each.value)
        plain = Troubled(*each, None)
        if trouble == "out_of_order":
            if each.label is not None and each.label.is_fraud:  # a pattern is an order of things
                yield plain
            else:
                self.hold(plain._replace(trouble=trouble), position)
            return
        if trouble == "unknown_field":
            note = in_groups(body["card_number"], rng.choice(["", " ", "-"]))
            yield plain._replace(value=orjson.dumps({**body, "note": note}), trouble=trouble)
            return
        yield plain
        if trouble in REPEATS:
            self.hold(Troubled(each.key, _repeat(trouble, body, each.value, rng), None, trouble), position)
            return
        other = {**body, "transaction_id": f"{body['transaction_id']}-{trouble}"}
        if trouble == "late":
            if each.label is not None and not each.label.is_fraud:  # on another day, half a case would be no case
                label = each.label._replace(transaction_id=other["transaction_id"])
                yield Troubled(each.key, _late(other, rng), label, trouble)
        else:
            yield Troubled(each.key, MALFORMED[trouble].write(other, rng, self._now_ms), None, trouble)


def mix(
    traffic: Iterable[Generated], *, seed: int, now: datetime, rate: float = 0.05, huge: bool = False
) -> Iterator[Troubled]:
    """`traffic` with a trouble at a share `rate` of its transactions; the same arguments give the same bytes.

    Every transaction still arrives, in order but for some of the legitimate, whose trouble is `out_of_order`. `now` is
    about when the messages will be sent: what is too old or in the future is so by it. `huge` adds one message of 10 MB
    at the beginning.
    """
    if not 0 <= rate <= 1:
        raise FeedError(f"the rate of troubles {rate} must be from 0 to 1")
    rng = Random(seed)  # noqa: S311 - reproducible, not secret
    mixer = _Mixer(rng, milliseconds(now))
    for position, each in enumerate(traffic):
        if huge and position == 0:
            body = orjson.loads(each.value)
            value = padded({**body, "transaction_id": f"{body['transaction_id']}-huge"}, HUGE_BYTES)
            yield Troubled(each.key, value, None, "huge")
        if rng.random() < rate:
            yield from mixer.trouble(each, position)
        else:
            yield Troubled(*each, None)
        yield from mixer.due(position)
    yield from mixer.due(float("inf"))
