"""Reads a topic as it grows, with Kafka's append times."""

from __future__ import annotations

from collections.abc import Iterator

import confluent_kafka
from confluent_kafka import OFFSET_BEGINNING, Consumer, TopicPartition

from bench.peers.oracle import Answer, answer
from sluice.kafka import KafkaAwayError

AT_ONCE = 20_000


class Topic:
    """All messages of a topic from its beginning."""

    def __init__(self, bootstrap: str, name: str, partitions: int) -> None:
        # Rare, large answers: watching must cost those who are watched as little as it can.
        options = {"group.id": "watch", "enable.auto.commit": False, "fetch.min.bytes": 1_000_000, "log_level": 3}
        self._consumer = Consumer({"bootstrap.servers": bootstrap, **options})
        self._consumer.assign([TopicPartition(name, number, OFFSET_BEGINNING) for number in range(partitions)])

    def read(self, seconds: float) -> Iterator[tuple[int, bytes]]:
        """What comes within so many seconds: append time in ms since 1970, and value. Raises KafkaAwayError."""
        for message in self._consumer.consume(AT_ONCE, seconds):
            error: confluent_kafka.KafkaError | None = message.error()
            if error is not None:
                raise KafkaAwayError(str(error))
            yield message.timestamp()[1], message.value()

    def close(self) -> None:
        self._consumer.close()


class Outputs:
    """The answers of one system: each with the append time of the first message that gives it."""

    def __init__(self, topic: Topic) -> None:
        self._topic = topic
        self.appended_ms: dict[Answer, int] = {}
        self.messages = 0

    def take(self, seconds: float) -> bool:
        """Read on for so many seconds; whether there was anything. Raises WrongAnswerError for what is no answer."""
        before = self.messages
        for at_ms, value in self._topic.read(seconds):
            self.messages += 1
            self.appended_ms.setdefault(answer(value), at_ms)
        return self.messages > before

    @property
    def repeats(self) -> int:
        return self.messages - len(self.appended_ms)
