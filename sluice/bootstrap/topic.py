"""The topic through which state is built: new for each time, gone afterwards."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager, suppress

from confluent_kafka import KafkaException
from confluent_kafka.admin import AdminClient

from localstack.kafka import create_topics
from localstack.waiting import until
from sluice.errors import SluiceError

ANSWER_SECONDS = 10.0
CHANGED_SECONDS = 60.0


@contextmanager
def created(bootstrap: str, name: str, partitions: int) -> Iterator[None]:
    """An empty topic `name` meanwhile; one that an earlier run has left is deleted first. Raises SluiceError."""
    client = AdminClient({"bootstrap.servers": bootstrap, "log_level": 0})
    try:
        _delete(client, name)
        create_topics(client, [name], partitions)
        _wait(client, name, partitions)
    except KafkaException as error:
        raise SluiceError(f"Kafka at {bootstrap} does not let topic {name} be made anew: {error}") from error
    try:
        yield
    finally:
        with suppress(SluiceError, KafkaException):  # what is left now, the next run deletes
            _delete(client, name)


def _partitions(client: AdminClient, name: str) -> int:
    topics = client.list_topics(timeout=ANSWER_SECONDS).topics
    return len(topics[name].partitions) if name in topics else 0


def _wait(client: AdminClient, name: str, partitions: int) -> None:
    if not until(lambda: _partitions(client, name) == partitions, CHANGED_SECONDS):
        raise SluiceError(f"topic {name} does not have {partitions} partitions after {CHANGED_SECONDS:.0f} s")


def _delete(client: AdminClient, name: str) -> None:
    if _partitions(client, name):
        for done in client.delete_topics([name], operation_timeout=ANSWER_SECONDS).values():
            done.result()
        _wait(client, name, 0)
