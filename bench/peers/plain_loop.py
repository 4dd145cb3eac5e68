"""The job as a loop over a Kafka client: nothing is remembered over a crash.

Called with the numbers of its partitions: assigned by hand, since a rebalance would drop what a process remembers.
"""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator, Sequence

from confluent_kafka import OFFSET_BEGINNING, Consumer, KafkaException, Producer, TopicPartition

from bench.peers.ends import Ends
from bench.peers.velocity import flagged, prepare, reasons, recent
from udfs.tokenisation import Tokeniser

BATCH = 1_000
WAIT_SECONDS = 0.005


class Velocity:
    """The cards' recent transactions, in memory."""

    def __init__(self, token: Tokeniser) -> None:
        self._token = token
        self._recent: dict[str, list[int]] = {}

    def step(self, messages: Iterable[bytes]) -> Iterator[tuple[str, bytes]]:
        """Token and message of each transaction that is flagged."""
        for token, (transaction_id, event_ms, amount_minor) in prepare(messages, self._token):
            self._recent[token] = times = recent(self._recent.get(token), event_ms)
            if why := reasons(amount_minor, len(times)):
                yield token, flagged(token, transaction_id, why)


def loop(ends: Ends, partitions: Sequence[int]) -> None:
    """Runs until it is killed."""
    consumer = Consumer(
        {"bootstrap.servers": ends.bootstrap, "group.id": "plain-loop", "enable.auto.commit": False, "log_level": 3}
    )
    consumer.assign([TopicPartition(ends.input, number, OFFSET_BEGINNING) for number in partitions])
    producer = Producer({"bootstrap.servers": ends.bootstrap, "linger.ms": 1, "log_level": 3})
    velocity = Velocity(ends.tokeniser())
    while True:
        batch = consumer.consume(BATCH, WAIT_SECONDS)
        for message in batch:
            if message.error() is not None:
                raise KafkaException(message.error())
        for token, value in velocity.step(message.value() for message in batch):
            producer.produce(ends.output, value, token.encode())
        producer.poll(0)


if __name__ == "__main__":
    loop(Ends.of_environment(), [int(number) for number in sys.argv[1:]])
