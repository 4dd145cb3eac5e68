"""The few things Sluice asks of Kafka outside Flink, behind one small interface."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from datetime import timedelta
from typing import Any, NamedTuple, Protocol

import confluent_kafka
import kafka
import kafka.errors

from sluice.errors import SluiceError
from udfs.times import clock_ms

# As much as the local broker takes, so that an oversized message reaches the gate and its quarantine.
_MAX_MESSAGE_BYTES = 11 * 1024 * 1024
_DELIVERY_SECONDS = 30.0


class Record(NamedTuple):
    """One message as it stands in a topic; `timestamp_ms` is Kafka's append time, UTC."""

    partition: int
    offset: int
    timestamp_ms: int
    key: bytes | None
    value: bytes


class Sender(Protocol):
    def send(self, topic: str, key: bytes | None, value: bytes, partition: int | None = None) -> None: ...

    def close(self) -> None:
        """Wait until the broker has everything; raises when something could not be delivered."""


class DeliveryError(SluiceError):
    """The broker did not take a message."""


class KafkaAwayError(SluiceError):
    """No broker answers."""


class SteadySender:
    """kafka-python: some 14,000 messages a second."""

    def __init__(self, bootstrap: str) -> None:
        self._producer = kafka.KafkaProducer(
            bootstrap_servers=bootstrap, acks="all", linger_ms=2, max_request_size=_MAX_MESSAGE_BYTES
        )
        self._errors: list[BaseException] = []

    def send(self, topic: str, key: bytes | None, value: bytes, partition: int | None = None) -> None:
        future = self._producer.send(topic, value=value, key=key, partition=partition)
        future.add_errback(self._errors.append)

    def close(self) -> None:
        self._producer.flush()
        self._producer.close()
        if self._errors:
            raise DeliveryError(f"{len(self._errors)} messages were not delivered; the first: {self._errors[0]}")


@contextmanager
def telling_sender(bootstrap: str) -> Iterator[Callable[[str, bytes | None, bytes], tuple[int, int]]]:
    """A function of topic, key and value that sends and says at which partition and offset the message stands.

    It waits for each, so it is for single messages. Raises KafkaAwayError and DeliveryError.
    """
    options = {"acks": "all", "linger_ms": 0, "max_request_size": _MAX_MESSAGE_BYTES}
    with _answering(bootstrap):
        producer = kafka.KafkaProducer(bootstrap_servers=bootstrap, **options)

    def send(topic: str, key: bytes | None, value: bytes) -> tuple[int, int]:
        try:
            metadata = producer.send(topic, value=value, key=key).get(timeout=_DELIVERY_SECONDS)
        except kafka.errors.KafkaError as error:
            raise DeliveryError(f"a message for topic {topic} was not delivered: {error}") from error
        return int(metadata.partition), int(metadata.offset)

    try:
        yield send
    finally:
        producer.close()


class BulkSender:
    """confluent-kafka: ten times the rate, for replays at full speed and benchmarks."""

    def __init__(self, bootstrap: str, linger_ms: int = 5) -> None:
        self._producer = confluent_kafka.Producer(
            {
                "bootstrap.servers": bootstrap,
                "linger.ms": linger_ms,
                "partitioner": "murmur2_random",
                "queue.buffering.max.messages": 500_000,
                "enable.idempotence": True,
                "message.max.bytes": _MAX_MESSAGE_BYTES,
                "log_level": 2,  # what it tries again by itself is nobody's concern
            }
        )
        self._errors: list[str] = []

    def _delivered(self, error: confluent_kafka.KafkaError | None, _: confluent_kafka.Message) -> None:
        if error is not None:
            self._errors.append(str(error))

    def send(self, topic: str, key: bytes | None, value: bytes | None, partition: int | None = None) -> None:
        """A message without a value withdraws what a compacted topic has under its key."""
        extra = {} if partition is None else {"partition": partition}
        while True:
            try:
                self._producer.produce(topic, value=value, key=key, on_delivery=self._delivered, **extra)
            except BufferError:
                self._producer.poll(0.05)
            else:
                self._producer.poll(0)
                return

    def close(self) -> None:
        self._producer.flush()
        del self._producer  # librdkafka has no close: its threads end with the object
        if self._errors:
            raise DeliveryError(f"{len(self._errors)} messages were not delivered; the first: {self._errors[0]}")


def end_offsets(bootstrap: str, topic: str) -> dict[int, int]:
    """The next offset of each partition of `topic`."""
    with _consumer(bootstrap) as consumer:
        return _ends(consumer, topic)


def lag(bootstrap: str, group: str, topic: str) -> int:
    """How many messages of `topic` the job of `group` has not covered with a completed checkpoint yet."""
    with _consumer(bootstrap, group_id=group) as consumer:
        ends = _ends(consumer, topic)
        return sum(end - (consumer.committed(kafka.TopicPartition(topic, number)) or 0) for number, end in ends.items())


def positions(bootstrap: str, group: str, topic: str) -> dict[int, int]:
    """The offset at which `group` stands in each partition of `topic`; empty where it stands in none.

    In a partition that it has not come to yet, as one that was just added, it stands at the oldest message.
    """
    with _consumer(bootstrap, group_id=group) as consumer:
        numbers = consumer.partitions_for_topic(topic) or ()
        committed = {at: consumer.committed(at) for at in (kafka.TopicPartition(topic, number) for number in numbers)}
        if all(offset is None for offset in committed.values()):
            return {}
        oldest = consumer.beginning_offsets(list(committed))
        return {at.partition: oldest[at] if offset is None else offset for at, offset in committed.items()}


def stand_at(bootstrap: str, group: str, topic: str, offsets: Mapping[int, int]) -> None:
    """Have `group` stand at these offsets of the partitions of `topic`. Raises KafkaAwayError."""
    with _consumer(bootstrap, group_id=group, enable_auto_commit=False) as consumer:
        _commit(consumer, {kafka.TopicPartition(topic, number): offset for number, offset in offsets.items()})


def append_time(bootstrap: str, topic: str, partition: int, offset: int) -> int | None:
    """When what stands at `offset` or next behind it was appended, in ms since 1970; None at the end."""
    found = _read(bootstrap, topic, lambda number, _: offset if number == partition else None)
    return next((record.timestamp_ms for record in found), None)


def start_at_oldest(bootstrap: str, group: str, topics: Iterable[str]) -> None:
    """Have `group` stand at the oldest message of each partition of `topics`. Raises KafkaAwayError."""
    with _consumer(bootstrap, group_id=group, enable_auto_commit=False) as consumer:
        partitions = [
            kafka.TopicPartition(topic, number)
            for topic in topics
            for number in consumer.partitions_for_topic(topic) or ()
        ]
        _commit(consumer, consumer.beginning_offsets(partitions))


def _commit(consumer: kafka.KafkaConsumer, offsets: Mapping[kafka.TopicPartition, int]) -> None:
    consumer.commit({at: kafka.OffsetAndMetadata(offset, "", -1) for at, offset in offsets.items()})


def newest(bootstrap: str, topic: str) -> int | None:
    """The append time of the latest message of `topic` in ms since 1970, or None when it is empty."""
    times = [record.timestamp_ms for record in _read(bootstrap, topic, lambda _, end: max(end - 1, 0))]
    return max(times, default=None)


def read_all(bootstrap: str, topic: str) -> Iterator[Record]:
    """Everything that stands in `topic` now, partition by partition as it arrives."""
    return _read(bootstrap, topic, lambda *_: 0)


def _read(bootstrap: str, topic: str, start: Callable[[int, int], int | None]) -> Iterator[Record]:
    """All messages up to the present end, from `start` of partition and end on; None leaves a partition out.

    Where Kafka has deleted what stood at the start, it begins at the oldest message that is left.
    """
    with _consumer(bootstrap, enable_auto_commit=False, auto_offset_reset="earliest") as consumer:
        ends = {number: end for number, end in _ends(consumer, topic).items() if end > 0}
        starts = {number: offset for number, end in ends.items() if (offset := start(number, end)) is not None}
        consumer.assign([kafka.TopicPartition(topic, number) for number in starts])
        for number, offset in starts.items():
            consumer.seek(kafka.TopicPartition(topic, number), offset)
        missing = {number for number, offset in starts.items() if offset < ends[number]}
        while missing:
            for at, messages in consumer.poll(timeout_ms=500, max_records=10_000).items():
                for message in messages:
                    if message.offset < ends[at.partition]:
                        yield Record(at.partition, message.offset, message.timestamp, message.key, message.value)
            missing = {each for each in missing if consumer.position(kafka.TopicPartition(topic, each)) < ends[each]}


def read_since(bootstrap: str, topic: str, since_ms: int) -> Iterator[Record]:
    """What was appended to `topic` at `since_ms` (ms since 1970) or later, up to the present end."""
    with _consumer(bootstrap) as consumer:
        asked = {kafka.TopicPartition(topic, number): since_ms for number in _ends(consumer, topic)}
        found = consumer.offsets_for_times(asked) if asked else {}
    starts = {at.partition: each.offset for at, each in found.items() if each is not None}
    return _read(bootstrap, topic, lambda number, _: starts.get(number))


def read_last(bootstrap: str, topic: str, span: timedelta) -> Iterator[Record]:
    """What was appended to `topic` within the last `span`, up to the present end."""
    return read_since(bootstrap, topic, clock_ms() - span // timedelta(milliseconds=1))


def read_at(bootstrap: str, topic: str, places: Iterable[tuple[int, int]]) -> Iterator[Record]:
    """The messages at these partitions and offsets; one that Kafka has deleted is left out."""
    with _consumer(bootstrap, enable_auto_commit=False, auto_offset_reset="earliest") as consumer:
        ends = _ends(consumer, topic)
        for number, offset in sorted(places):
            at = kafka.TopicPartition(topic, number)
            if offset >= ends.get(number, 0):
                continue
            consumer.assign([at])
            consumer.seek(at, offset)
            message = next(iter(consumer))
            if message.offset == offset:
                yield Record(number, offset, message.timestamp, message.key, message.value)


@contextmanager
def _answering(bootstrap: str) -> Iterator[None]:
    try:
        yield
    except kafka.errors.KafkaError as error:
        raise KafkaAwayError(
            f"Kafka does not answer at {bootstrap}; start it with `sluice up`, or set kafka.bootstrap"
        ) from error


@contextmanager
def _consumer(bootstrap: str, **options: Any) -> Iterator[kafka.KafkaConsumer]:
    with _answering(bootstrap):
        consumer = kafka.KafkaConsumer(bootstrap_servers=bootstrap, **options)
    try:
        yield consumer
    finally:
        consumer.close()


def _ends(consumer: kafka.KafkaConsumer, topic: str) -> dict[int, int]:
    partitions = [kafka.TopicPartition(topic, number) for number in consumer.partitions_for_topic(topic) or ()]
    return {at.partition: offset for at, offset in consumer.end_offsets(partitions).items()} if partitions else {}


def follow(bootstrap: str, topic: str) -> Iterator[Record]:
    """New messages of `topic` from now on, without end."""
    with _consumer(bootstrap, auto_offset_reset="latest") as consumer:
        consumer.subscribe([topic])
        for message in consumer:
            yield Record(message.partition, message.offset, message.timestamp, message.key, message.value)
