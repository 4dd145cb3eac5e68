"""Seeded traffic with the troubles of a real feed, sent at a steady rate beside what is done to the servers."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import UTC, datetime, timedelta
from threading import Thread

from kafka.partitioner.default import murmur2

from localstack.waiting import until
from sluice.errors import SluiceError
from sluice.feed.faults import Troubled, mix
from sluice.feed.generate import Traffic
from sluice.feed.pace import paced
from sluice.kafka import BulkSender

REACH_SECONDS = 120.0

Place = Callable[[bytes], int | None]
"""From a message's key to its partition, or None where Kafka's own rule shall choose it."""


def traffic(transactions: int, cards: int, seed: int, hours: float) -> tuple[list[Troubled], frozenset[str]]:
    """Messages of the last `hours`, with the card numbers that are planted in them."""
    now, span = datetime.now(UTC), timedelta(hours=hours)
    made = Traffic(transactions, cards=cards, seed=seed, start=now - span, duration=span, fraud_rate=0.02)
    return list(mix(made, seed=seed, now=now)), frozenset(made.planted_cards)


def partition_of(key: bytes, partitions: int) -> int:
    """Where Kafka's producers put a key in a topic of so many partitions."""
    return int(murmur2(key) & 0x7FFFFFFF) % partitions


class Feed:
    """Sends `messages` in a thread of its own, `rate` a second."""

    def __init__(
        self,
        bootstrap: str,
        topic: str,
        messages: Iterable[tuple[bytes, bytes]],
        rate: int,
        place: Place = lambda _: None,
    ) -> None:
        self._messages = list(messages)
        self._sender = BulkSender(bootstrap)
        self._topic, self._rate, self._place = topic, rate, place
        self._error: BaseException | None = None
        self.sent = 0
        self._thread = Thread(target=self._run, daemon=True)
        self._thread.start()

    def _run(self) -> None:
        try:
            for key, value in paced(self._messages, self._rate):
                self._sender.send(self._topic, key, value, self._place(key))
                self.sent += 1
            self._sender.close()
        except SluiceError as error:
            self._error = error

    def reach(self, share: float, also: Callable[[], bool] = lambda: True) -> None:
        """Wait until this share of the messages has been sent, and `also` holds. Raises SluiceError past a deadline."""
        wanted = share * len(self._messages)
        if not until(lambda: self.sent >= wanted and also(), REACH_SECONDS):
            sent = f"{self.sent:,} of {len(self._messages):,} messages are sent"
            raise SluiceError(f"{sent}, but after {REACH_SECONDS:.0f} s not all has come that was waited for")

    def is_sending(self) -> bool:
        return self._thread.is_alive()

    def left(self) -> int:
        """How many are still to be sent."""
        return len(self._messages) - self.sent

    def finish(self) -> int:
        """Wait until Kafka has everything; how many were sent. Raises DeliveryError."""
        self._thread.join()
        if self._error is not None:
            raise self._error
        return self.sent
