"""Sends files to topics, at full speed or at a multiple of real time."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from heapq import merge
from itertools import islice
from math import inf
from typing import Any

from sluice.feed.convert import Converter, Message, customer_event, event_instants
from sluice.feed.errors import FeedError
from sluice.feed.mapping import Mapping
from sluice.feed.source import Source
from sluice.kafka import Sender
from sluice.settings import Topics

SHOW_EVERY = 5_000
SOON_S = 0.002


@dataclass
class Progress:
    """What has been sent, and the first and the last event time of the transactions; `events` are beside them."""

    sent: int = 0
    events: int = 0
    first_ms: int | None = None
    last_ms: int | None = None

    def count(self, event_ms: int | None) -> None:
        self.sent += 1
        if event_ms is not None:
            self.first_ms = event_ms if self.first_ms is None else min(self.first_ms, event_ms)
            self.last_ms = event_ms if self.last_ms is None else max(self.last_ms, event_ms)


def last_instant(source: Source, mapping: Mapping) -> int:
    """The latest event time in the file, in milliseconds since 1970; reads the file where it does not say so itself."""
    origin = mapping.event_time()
    known = source.last(origin.column) if origin.column in source.instants else None
    if known is not None:
        return known
    latest = None
    for batch in source.batches([origin.column]):
        for each in event_instants(origin, batch, source.instants):
            if each is not None and (latest is None or each > latest):
                latest = each
    if latest is None:
        raise FeedError(
            f"{source.path} has no readable time in the column {origin.column!r}, so --end-at cannot be met; "
            f"check the field event_time in {mapping.path}"
        )
    return latest


def shift_to(end_ms: int, source: Source, mapping: Mapping) -> int:
    """The milliseconds by which all event times must move for the last one to fall on `end_ms`."""
    return end_ms - last_instant(source, mapping)


def messages(source: Source, mapping: Mapping, shift_ms: int, limit: int | None) -> Iterator[Message]:
    """The messages that `source` becomes."""
    converter = Converter(mapping, source.instants, shift_ms)
    every = (message for batch in source.batches(mapping.columns()) for message in converter.messages(batch))
    return islice(every, limit)


def with_events(stream: Iterator[Message], rows: Iterator[dict[str, Any]], shift_ms: int) -> Iterator[Message]:
    """`stream`, and customer events among it at their times; both are by time."""
    events = (customer_event(row, shift_ms) for row in rows)
    return merge(stream, events, key=lambda each: -inf if each.event_ms is None else each.event_ms)


class _Pace:
    """Waits until an event is due, at `speed` times real time from the first one on."""

    def __init__(self, speed: float) -> None:
        self._per_second = 1_000 * speed
        self._origin: tuple[float, int] | None = None

    def wait(self, event_ms: int | None) -> None:
        if event_ms is None:
            return
        if self._origin is None:
            self._origin = (time.monotonic(), event_ms)
        started, first_ms = self._origin
        ahead = started + (event_ms - first_ms) / self._per_second - time.monotonic()
        if ahead > SOON_S:
            time.sleep(ahead)


def replay(
    stream: Iterator[Message],
    sender: Sender,
    topics: Topics,
    speed: float | None = None,
    show: Callable[[Progress], None] = lambda _: None,
) -> Progress:
    """Send `stream`, at `speed` times real time or, without it, as fast as possible; `show` hears of the progress."""
    progress = Progress()
    pace = None if speed is None else _Pace(speed)
    for message in stream:
        if pace is not None:
            pace.wait(message.event_ms)
        sender.send(topics.customer_events if message.is_event else topics.transactions, message.key, message.value)
        if message.is_event:
            progress.events += 1
        else:
            progress.count(message.event_ms)
        if pace is not None or progress.sent % SHOW_EVERY == 0:
            show(progress)
    show(progress)
    return progress
