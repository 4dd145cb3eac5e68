"""The few things Sluice asks of Kafka outside Flink, behind one small interface."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple, Protocol

import confluent_kafka
import kafka


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


class DeliveryError(RuntimeError):
    """The broker did not take a message."""


class SteadySender:
    """kafka-python: some 14,000 messages a second."""

    def __init__(self, bootstrap: str) -> None:
        self._producer = kafka.KafkaProducer(bootstrap_servers=bootstrap, acks="all", linger_ms=2)
        self._errors: list[BaseException] = []

    def send(self, topic: str, key: bytes | None, value: bytes, partition: int | None = None) -> None:
        future = self._producer.send(topic, value=value, key=key, partition=partition)
        future.add_errback(self._errors.append)

    def close(self) -> None:
        self._producer.flush()
        self._producer.close()
        if self._errors:
            raise DeliveryError(f"{len(self._errors)} messages were not delivered; the first: {self._errors[0]}")


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
            }
        )
        self._errors: list[str] = []

    def _delivered(self, error: confluent_kafka.KafkaError | None, _: confluent_kafka.Message) -> None:
        if error is not None:
            self._errors.append(str(error))

    def send(self, topic: str, key: bytes | None, value: bytes, partition: int | None = None) -> None:
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
        if self._errors:
            raise DeliveryError(f"{len(self._errors)} messages were not delivered; the first: {self._errors[0]}")


def end_offsets(bootstrap: str, topic: str) -> dict[int, int]:
    """The next offset of each partition of `topic`."""
    consumer = kafka.KafkaConsumer(bootstrap_servers=bootstrap)
    try:
        partitions = [kafka.TopicPartition(topic, number) for number in consumer.partitions_for_topic(topic) or ()]
        return {at.partition: offset for at, offset in consumer.end_offsets(partitions).items()}
    finally:
        consumer.close()


def read_all(bootstrap: str, topic: str) -> Iterator[Record]:
    """Everything that stands in `topic` now, partition by partition as it arrives."""
    ends = {number: end for number, end in end_offsets(bootstrap, topic).items() if end > 0}
    consumer = kafka.KafkaConsumer(bootstrap_servers=bootstrap, consumer_timeout_ms=20_000, enable_auto_commit=False)
    try:
        consumer.assign([kafka.TopicPartition(topic, number) for number in ends])
        consumer.seek_to_beginning()
        missing = dict(ends)
        while missing:
            for at, messages in consumer.poll(timeout_ms=500, max_records=10_000).items():
                for message in messages:
                    if message.offset < ends[at.partition]:
                        yield Record(at.partition, message.offset, message.timestamp, message.key, message.value)
                if consumer.position(at) >= ends[at.partition]:
                    missing.pop(at.partition, None)
    finally:
        consumer.close()


def follow(bootstrap: str, topic: str) -> Iterator[Record]:
    """New messages of `topic` from now on, without end."""
    consumer = kafka.KafkaConsumer(topic, bootstrap_servers=bootstrap, auto_offset_reset="latest")
    try:
        for message in consumer:
            yield Record(message.partition, message.offset, message.timestamp, message.key, message.value)
    finally:
        consumer.close()
