"""Partitions of Kafka's topics: one that gets nothing, and some that are added."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable
from datetime import datetime

import numpy as np
import orjson
from confluent_kafka import ConsumerGroupTopicPartitions, TopicPartition
from confluent_kafka.admin import AdminClient, NewPartitions

from bench.faults import actions
from bench.faults.case import Case
from bench.faults.feed import partition_of
from bench.faults.stage import BACK_SECONDS, DECIDING, Proof, Stage
from localstack.waiting import until
from sluice import kafka
from sluice.errors import SluiceError
from sluice.feed.times import milliseconds
from udfs.times import clock_ms

Messages = Iterable[tuple[bytes, bytes]]

SETTLE_SECONDS = 180.0
LONGEST_MS = 5_000
WITH_A_GAP = 5_000
NEW = 1_000
DISCOVERY_SECONDS = 60.0
"""The sources look for new partitions every 30 s; then a checkpoint has to cover what is there."""


def _idle(stage: Stage) -> Proof:
    """All partitions have had messages when one falls silent."""
    settings = stage.house.settings.kafka
    stage.feed(2_000).finish()
    stage.house.settle(SETTLE_SECONDS)
    idle, since_ms = stage.rng.randrange(settings.partitions), clock_ms()
    before = _end(stage, idle)

    def elsewhere(messages: Messages) -> Messages:
        return (each for each in messages if partition_of(each[0], settings.partitions) != idle)

    sent = stage.feed(WITH_A_GAP, change=elsewhere).finish()

    def proof() -> dict[str, int]:
        most = int(np.percentile(_latencies_ms(stage, since_ms), 99))
        if most > LONGEST_MS:
            raise SluiceError(f"decisions took {most:,} ms beside a partition without messages")
        silent = int(_end(stage, idle) == before)
        return {"partitions without a message": silent, "messages on the others": sent, "ms to 99 % of decisions": most}

    return proof


def _latencies_ms(stage: Stage, since_ms: int) -> list[int]:
    """From Kafka's append of each transaction after `since_ms` to the append of its decision."""
    found = []
    for record in stage.house.read("decisions"):
        ingested_ms = milliseconds(datetime.fromisoformat(orjson.loads(record.value)["ingested_at"]))
        if ingested_ms >= since_ms:
            found.append(record.timestamp_ms - ingested_ms)
    return found


def _added(stage: Stage) -> Proof:
    """One partition more while the job runs, and another while it stands still with a savepoint.

    Kafka's producers choose by the number of partitions, so one more would move customers in mid-stream, and which of
    two messages of theirs came first would no longer be certain. So old customers stay where they are here, and only
    new ones come to the new partitions. Decisions may move: whoever reads them minds ids and versions, not their order.
    """
    house, topics = stage.house, stage.house.settings.kafka.topics
    first = house.settings.kafka.partitions
    second = first + 1
    feed = stage.feed(rate=150, place=lambda key: partition_of(key, first))
    feed.reach(0.1)
    _widen(stage, topics.transactions, first + 1)
    stage.feed(NEW, change=of_others(b"n"), place=lambda _: first).finish()
    began, client = time.monotonic(), _client(stage)
    if not until(lambda: _covered(client, topics.transactions, first) == _end(stage, first), DISCOVERY_SECONDS):
        raise SluiceError(f"what is on a new partition is not decided after {DISCOVERY_SECONDS:.0f} s")
    seconds = time.monotonic() - began
    with actions.standing_still(stage):
        _widen(stage, topics.transactions, second + 1)
        _widen(stage, topics.decisions, first + 1)
        stage.feed(NEW, change=of_others(b"m"), place=lambda _: second).finish()
    feed.finish()
    return lambda: {
        "messages on a partition added to a running job": _end(stage, first),
        "seconds until they were decided and covered": round(seconds),
        "messages on one added while it stood still": _end(stage, second),
        "decisions on one added to their own topic": _ends(stage, topics.decisions)[first],
    }


def of_others(letter: bytes) -> Callable[[Messages], Messages]:
    """The same traffic of other customers, whose ids begin with `letter`."""

    def change(messages: Messages) -> Messages:
        for key, value in messages:
            other = letter + key[1:]
            yield other, value.replace(key, other)

    return change


def _widen(stage: Stage, topic: str, partitions: int) -> None:
    """Give `topic` so many partitions, and wait until they are there."""
    client = _client(stage)  # a name keeps it alive until the answer is there
    client.create_partitions([NewPartitions(topic, partitions)])[topic].result()
    if not until(lambda: len(_ends(stage, topic)) == partitions, BACK_SECONDS):
        raise SluiceError(f"{topic} has {len(_ends(stage, topic))} partitions, not {partitions}")


def _ends(stage: Stage, topic: str) -> dict[int, int]:
    return kafka.end_offsets(stage.house.settings.kafka.bootstrap, topic)


def _end(stage: Stage, partition: int) -> int:
    """How many messages have come to a partition of the raw topic."""
    return _ends(stage, stage.house.settings.kafka.topics.transactions)[partition]


def _client(stage: Stage) -> AdminClient:
    return AdminClient({"bootstrap.servers": stage.house.settings.kafka.bootstrap, "log_level": 0})


def _covered(client: AdminClient, topic: str, partition: int) -> int:
    """How far a checkpoint of the deciding job covers a partition; negative where none does."""
    asked = ConsumerGroupTopicPartitions(DECIDING, [TopicPartition(topic, partition)])
    found: int = client.list_consumer_group_offsets([asked])[DECIDING].result().topic_partitions[0].offset
    return found


CASES = (
    Case("partition_idle", "One partition gets nothing; decisions on the others do not wait for it", _idle),
    Case(
        "partition_added",
        "Partitions are added to a running job, and while it stands still",
        _added,
        # Without the patterns: a card's decisions stand in two partitions then, and those have no order.
        jobs=("fraud_detection", "hot_state", "lake"),
        alone=True,
    ),
)
