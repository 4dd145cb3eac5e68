"""A small savepoint of the deciding job from each release, with the log around it: new code must go on from it.

The log is kept as it was, with its partitions, offsets and times, so that neither the generator of today nor today's
clock has a part in it. Its cards are of the generator's test range, issued by nobody.
"""

from __future__ import annotations

import gzip
import json
from base64 import b64decode, b64encode
from collections.abc import Iterable
from pathlib import Path
from typing import NamedTuple

from confluent_kafka import Producer
from confluent_kafka.admin import AdminClient

from localstack.flink_checkpoints import METADATA
from localstack.kafka import create_topics
from sluice.kafka import Record
from sluice.settings import Settings

FOLDER = Path(__file__).parent
BEFORE, AFTER = "before.jsonl.gz", "after.jsonl.gz"
GIVEN_UP = frozenset({"0.1.0"})
"""Releases whose state is laid out in a way that has been left behind: the way from there is the lake."""
# Tokens are part of the state, so each savepoint needs the key under which it was made.
KEY = {"kid": "release", "key": bytes(range(32)).hex()}
SEND_SECONDS = 60.0


class Message(NamedTuple):
    """A message of the raw topic; `appended_ms` since 1970 stands for the broker's clock."""

    partition: int
    appended_ms: int
    key: bytes
    value: bytes


def releases() -> list[str]:
    """The releases whose savepoint the code as it stands goes on from, the newest last."""
    return sorted({file.parent.name for file in FOLDER.glob(f"*/{METADATA}")} - GIVEN_UP)


def house_name(release: str) -> str:
    """The name of its house, and so of its topics, which the savepoint remembers."""
    return f"release-{release}"


def with_key(settings: Settings, folder: Path) -> Settings:
    """`settings` with the key of the savepoints, in a file below `folder`."""
    file = folder / "release.key"
    file.touch(mode=0o600)
    file.write_text(json.dumps(KEY), encoding="utf-8")
    keys = settings.fraud_detection.gate.keys.model_copy(update={"file": file})
    gate = settings.fraud_detection.gate.model_copy(update={"keys": keys})
    section = settings.fraud_detection.model_copy(update={"gate": gate})
    return settings.model_copy(update={"fraud_detection": section})


def save(messages: Iterable[Message], file: Path) -> None:
    lines = (
        json.dumps([each.partition, each.appended_ms, b64encode(each.key).decode(), b64encode(each.value).decode()])
        for each in messages
    )
    file.write_bytes(gzip.compress("\n".join(lines).encode(), mtime=0))


def load(file: Path) -> list[Message]:
    rows = (json.loads(line) for line in gzip.decompress(file.read_bytes()).splitlines())
    return [Message(partition, at, b64decode(key), b64decode(value)) for partition, at, key, value in rows]


def create_log(settings: Settings, release: str) -> str:
    """The release's raw topic, in which messages keep their own times, however old they are; its name."""
    topic = f"{house_name(release)}-transactions"
    client = AdminClient({"bootstrap.servers": settings.kafka.bootstrap, "log_level": 0})
    keep_times = {"message.timestamp.type": "CreateTime", "retention.ms": "-1"}
    create_topics(client, [topic], settings.kafka.partitions, keep_times)
    return topic


def send(bootstrap: str, topic: str, messages: Iterable[Message]) -> None:
    """Append `messages` to `topic`, each to its partition and at its time."""
    producer = Producer({"bootstrap.servers": bootstrap, "enable.idempotence": True, "log_level": 2})
    for each in messages:
        producer.produce(topic, each.value, each.key, each.partition, timestamp=each.appended_ms)
    left = producer.flush(SEND_SECONDS)
    assert left == 0, f"{left} messages have not been sent after {SEND_SECONDS:.0f} s"


def as_log(messages: Iterable[Message]) -> list[Record]:
    """`messages` with the offsets that they have in an empty topic."""
    log: list[Record] = []
    ends: dict[int, int] = {}
    for each in messages:
        offset = ends.setdefault(each.partition, 0)
        ends[each.partition] += 1
        log.append(Record(each.partition, offset, each.appended_ms, each.key, each.value))
    return log
