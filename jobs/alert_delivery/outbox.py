"""The outbox of one receiver: the topic `episodes`, as far as the receiver's consumer group has come."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Iterable
from contextlib import AbstractContextManager
from typing import Any

import kafka
import orjson
from kafka.errors import NoOffsetForPartitionError, OffsetOutOfRangeError

from jobs.alert_delivery import books
from sluice import kafka as sluice_kafka
from sluice.settings import Settings
from udfs.delivery.attempts import Answer, Channel, Courier, Verdict
from udfs.delivery.messages import Message, message
from udfs.delivery.receivers import AnyReceiver
from udfs.times import clock_ms

_SESSION_MS = 6_000  # after a crash, another instance or the restarted one takes over so long after the last heartbeat
_POLL_S = 0.5
_MOST_RECORDS = 100
_BOOKS_AGAIN_S = 5.0
_MOST_ENDED = 200_000

_log = logging.getLogger(__name__)

Send = Callable[[str, bytes | None, bytes], tuple[int, int]]


class LostPositionError(RuntimeError):
    """Kafka has deleted what the receiver was to be told next."""


class Outbox(kafka.ConsumerRebalanceListener):
    """Tells `receiver` what stands in the topic, until `stop` is set.

    A message is sent, then written to the books, then the group's position moves on. What crashes in between sends the
    message again under the same key.
    """

    def __init__(self, settings: Settings, receiver: AnyReceiver, channel: Channel, stop: threading.Event) -> None:
        self._settings = settings
        self._receiver = receiver
        self._stop = stop
        self._moved = True
        self._ended: dict[str, None] = {}
        pace, patience = receiver.most_per_second, receiver.give_up_hours
        self._courier = Courier(channel, self, pace, patience, self._told)
        self._topic = settings.kafka.topics.episodes
        self._consumer: Any = None

    def run(self) -> None:
        """Raises LostPositionError, and what Kafka says when it does not answer at the start."""
        bootstrap, group = self._settings.kafka.bootstrap, group_of(self._receiver.name)
        self._begin(bootstrap, group)
        self._consumer = kafka.KafkaConsumer(
            bootstrap_servers=bootstrap,
            group_id=group,
            enable_auto_commit=False,
            auto_offset_reset="none",
            session_timeout_ms=_SESSION_MS,
            max_poll_records=_MOST_RECORDS,
        )
        sender: AbstractContextManager[Send] = sluice_kafka.telling_sender(bootstrap)
        try:
            self._consumer.subscribe([self._topic], listener=self)
            with sender as send:
                while not self._stop.is_set():
                    self._turn(group, send)
        finally:
            self._consumer.close()

    def on_partitions_revoked(self, revoked: Iterable[Any]) -> None:
        """Kafka shares the partitions out anew: what is under way here may be another instance's now."""
        self._moved = self._moved or bool(revoked)

    def on_partitions_assigned(self, assigned: Iterable[Any]) -> None:
        self._moved = self._moved or bool(assigned)

    def now_ms(self) -> int:
        return clock_ms()

    def wait(self, seconds: float) -> bool:
        """Stay in the group meanwhile; nothing is read."""
        deadline = time.monotonic() + seconds
        self._consumer.pause(*self._consumer.assignment())
        try:
            while not (self._stop.is_set() or self._moved) and (left := deadline - time.monotonic()) > 0:
                polled = self._consumer.poll(timeout_ms=round(1_000 * min(left, _POLL_S)))
                for at, records in polled.items():  # of a partition that has just come, so is not paused
                    self._consumer.seek(at, records[0].offset)
                if not polled and (left := min(left, deadline - time.monotonic())) > 0:
                    self._stop.wait(min(left, _POLL_S / 10))
        finally:
            self._consumer.resume(*self._consumer.assignment())
        return self._stop.is_set() or self._moved

    def _begin(self, bootstrap: str, group: str) -> None:
        """A new receiver is told what comes from now on."""
        if not sluice_kafka.positions(bootstrap, group, self._topic):
            ends = sluice_kafka.end_offsets(bootstrap, self._topic)
            sluice_kafka.stand_at(bootstrap, group, self._topic, ends)

    def _turn(self, group: str, send: Send) -> None:
        try:
            polled = self._consumer.poll(timeout_ms=round(_POLL_S * 1_000))
            if self._moved:
                self._moved = False
                self._ended = books.known(self._settings, self._receiver.name)
            self._tell_all(polled, send)
        except NoOffsetForPartitionError:  # a partition that was added is read from its beginning
            new = [at for at in self._consumer.assignment() if self._consumer.committed(at) is None]
            self._consumer.seek_to_beginning(*new)
        except OffsetOutOfRangeError as error:
            raise LostPositionError(
                f"receiver {self._receiver.name}: Kafka has deleted what it was to be told next ({error}); to go on at "
                f"the oldest that is left: kafka-consumer-groups.sh --group {group} --topic {self._topic} "
                "--reset-offsets --to-earliest --execute, then sluice deliver"
            ) from error

    def _tell_all(self, polled: dict[Any, list[Any]], send: Send) -> None:
        """What is not told, because it was stopped or the partition has moved, is read again by whoever has it then."""
        left = {at: records[0].offset for at, records in polled.items()}
        for at, records in polled.items():
            for record in records:
                if not self._tell(at, record, send):
                    for each in left.keys() & self._consumer.assignment():
                        self._consumer.seek(each, left[each])
                    return
                left[at] = record.offset + 1
            self._commit(at, left[at])

    def _tell(self, at: Any, record: Any, send: Send) -> bool:
        """Whether the record is done with."""
        told = message(orjson.loads(record.value), self._receiver)
        if told is None or told.key in self._ended:
            return True
        outcome = self._courier.deliver(told)
        if outcome is None:
            return False
        entry = books.entry(told, self._receiver.name, outcome, (at.partition, record.offset))
        while not self._written(entry, send):
            if self.wait(_BOOKS_AGAIN_S):
                return False
        self._ended[told.key] = None
        if len(self._ended) > _MOST_ENDED:
            del self._ended[next(iter(self._ended))]
        self._commit(at, record.offset + 1)
        level = logging.INFO if outcome.verdict is Verdict.DELIVERED else logging.ERROR
        _log.log(level, "%s: %s %s %s", self._receiver.name, outcome.verdict.value, told.subject, outcome.words)
        return True

    def _written(self, entry: books.Delivery, send: Send) -> bool:
        try:
            send(self._settings.kafka.topics.deliveries, self._receiver.name.encode(), orjson.dumps(entry))
        except sluice_kafka.DeliveryError as error:
            _log.warning("%s: the books can't be written: %s", self._receiver.name, error)
            return False
        return True

    def _commit(self, at: Any, offset: int) -> None:
        self._consumer.commit({at: kafka.OffsetAndMetadata(offset, "", -1)})

    def _told(self, message: Message, answer: Answer, attempt: int, pause_s: float) -> None:
        name = self._receiver.name
        _log.warning("%s: %s; attempt %d for %s, next in %.1f s", name, answer.words, attempt, message.key, pause_s)


def group_of(receiver: str) -> str:
    """The consumer group that says how far `receiver` has been told."""
    return f"alert_delivery-{receiver}"
