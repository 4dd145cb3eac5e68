"""The outbox of a receiver against crashes at any point, with Kafka's part played by a list."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any
from unittest.mock import patch

import kafka
import orjson
from hypothesis import given
from hypothesis import strategies as st

from jobs.alert_delivery.outbox import Outbox
from sluice import kafka as sluice_kafka
from sluice.kafka import Record
from sluice.settings import Settings
from tests.udfs.delivery.fakes import receiver, version
from udfs.delivery.attempts import Answer, Verdict
from udfs.delivery.messages import Message

AT = kafka.TopicPartition("episodes", 0)
VERSIONS = 8


class KilledError(BaseException):
    """Stands for kill -9: nothing of the service catches it."""


@dataclass
class World:
    """What outlives the service: Kafka's log, the group's position and the books, and what the receiver has got.

    `deaths` says which calls, by point and number, end the service, `before` or `after` they have had their effect.
    """

    log: list[bytes]
    deaths: set[tuple[str, int]] = field(default_factory=set)
    committed: int = 0
    books: list[bytes] = field(default_factory=list)
    taken: list[str] = field(default_factory=list)
    calls: Counter[str] = field(default_factory=Counter)
    stop: threading.Event = field(default_factory=threading.Event)

    def point(self, name: str, effect: Callable[[], None]) -> None:
        self.calls[name] += 1
        if (f"before {name}", self.calls[name]) in self.deaths:
            raise KilledError
        effect()
        if (f"after {name}", self.calls[name]) in self.deaths:
            raise KilledError


class FakeConsumer:
    def __init__(self, world: World) -> None:
        self._world = world
        self._next = world.committed
        self._paused = False
        self._assigned = False

    def subscribe(self, _topics: list[str], listener: Any) -> None:
        self._listener = listener

    def assignment(self) -> set[Any]:
        return {AT} if self._assigned else set()

    def poll(self, timeout_ms: int) -> dict[Any, list[Any]]:
        assert timeout_ms >= 0
        if not self._assigned:
            self._assigned = True
            self._listener.on_partitions_assigned([AT])
        if self._paused:
            return {}
        values = list(enumerate(self._world.log))[self._next : self._next + 3]
        self._next += len(values)
        if not values:
            self._world.stop.set()
        records = [type("Message", (), {"offset": offset, "value": value}) for offset, value in values]
        return {AT: records} if records else {}

    def pause(self, *_: Any) -> None:
        self._paused = True

    def resume(self, *_: Any) -> None:
        self._paused = False

    def seek(self, _at: Any, offset: int) -> None:
        self._next = offset

    def commit(self, offsets: dict[Any, Any]) -> None:
        self._world.point("commit", lambda: setattr(self._world, "committed", offsets[AT].offset))

    def close(self) -> None:
        """Nothing is open."""


class FakeChannel:
    def __init__(self, world: World) -> None:
        self._world = world

    def send(self, message: Message) -> Answer:
        self._world.point("send", lambda: self._world.taken.append(message.key))
        return Answer(Verdict.DELIVERED)

    def close(self) -> None:
        """Nothing is open."""


def serve(world: World) -> None:
    """Run the service until it has told all, or is killed."""

    @contextmanager
    def sender(_bootstrap: str) -> Iterator[Any]:
        yield lambda _topic, _key, value: world.point("books", lambda: world.books.append(value))

    def read(*_: Any) -> Iterator[Record]:
        return (Record(0, offset, 0, None, value) for offset, value in enumerate(world.books))

    fast = receiver(most_per_second=1_000, least_severity="medium")
    with (
        patch.object(kafka, "KafkaConsumer", lambda **_: FakeConsumer(world)),
        patch.object(sluice_kafka, "positions", lambda *_: {0: world.committed}),
        patch.object(sluice_kafka, "telling_sender", sender),
        patch.object(sluice_kafka, "read_since", read),
    ):
        Outbox(Settings(), fast, FakeChannel(world), world.stop).run()


def told(*severities: str) -> World:
    log = [
        version(number=number, episode_id=f"e-{number}", severity=severity)
        for number, severity in enumerate(severities)
    ]
    return World([orjson.dumps(each) for each in log])


def test_each_message_is_sent_once_and_stands_in_the_books() -> None:
    world = told("medium", "low", "high", "low", "critical")
    serve(world)
    assert len(world.taken) == len(set(world.taken)) == 3
    assert [orjson.loads(each)["delivery_id"] for each in world.books] == world.taken
    assert world.committed == 5


DEATHS = st.tuples(
    st.sampled_from([f"{when} {what}" for when in ("before", "after") for what in ("send", "books", "commit")]),
    st.integers(1, VERSIONS),
)


@given(st.sets(DEATHS, max_size=6))
def test_whatever_kills_it_nothing_is_lost_and_only_what_was_under_way_is_sent_again(
    deaths: set[tuple[str, int]],
) -> None:
    world = told(*["medium"] * VERSIONS)
    world.deaths = deaths
    for _ in range(len(deaths) + 1):
        try:
            serve(world)
            break
        except KilledError:
            continue
    assert len(set(world.taken)) == VERSIONS
    assert world.committed == VERSIONS
    between = sum(point in {"after send", "before books"} for point, _ in deaths)
    assert len(world.taken) - VERSIONS <= between
    assert len({orjson.loads(each)["delivery_id"] for each in world.books}) == len(world.books) == VERSIONS


def test_a_repeated_version_is_told_once() -> None:
    world = told("medium", "medium")
    world.log += world.log
    serve(world)
    assert len(world.taken) == 2
