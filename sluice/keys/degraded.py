"""Transactions that were decided without history, and their way through the gate once there are keys again."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

import orjson

from sluice import kafka
from sluice.feed.times import duration
from sluice.keys import audit, sources
from sluice.quarantine.mending import key_of, problem_of
from sluice.settings import Settings
from udfs.times import clock_ms

Degraded = dict[str, Any]
"""A record of the contract `decisions` whose `degraded` says why."""
_SAYS_SO = b'"degraded":"'


class Sorted(NamedTuple):
    """Decisions with their raw messages, which hold card numbers: show those to nobody. And how many stay, by why."""

    again: list[tuple[Degraded, bytes]]
    left: Counter[str]


def read(settings: Settings, last: str) -> list[Degraded]:
    """Those made within `last` (30m, 24h, 7d), each once, in the order of their messages' arrival."""
    found = kafka.read_last(settings.kafka.bootstrap, settings.kafka.topics.decisions, duration(last, "--last"))
    made = [orjson.loads(each.value) for each in found if _SAYS_SO in each.value]
    once = {each["decision_id"]: each for each in made if each.get("degraded")}
    return sorted(
        once.values(), key=lambda each: (each["ingested_at"], each["source_partition"], each["source_offset"])
    )


def done(settings: Settings) -> dict[str, str]:
    """Decision id to where in the raw topic the transaction was sent again."""
    topic = settings.kafka.topics.transactions
    return {
        each["subject"]: f"{topic}-{each['sent_partition']}-{each['sent_offset']}"
        for each in audit.lines(settings)
        if each["action"] == audit.RETOKENISE
    }


def sorted_out(settings: Settings, found: Sequence[Degraded]) -> Sorted:
    """What can be decided anew by now. Raises KeysError while there are no keys."""
    sources.ring(settings)
    before, left = done(settings), Counter[str]()
    asked = {
        (each["source_partition"], each["source_offset"]): each for each in found if each["decision_id"] not in before
    }
    left["sent again before"] = len(found) - len(asked)
    raw = kafka.read_at(settings.kafka.bootstrap, settings.kafka.topics.transactions, asked)
    values = {(each.partition, each.offset): each.value for each in raw}
    again = []
    for place, each in asked.items():
        if place not in values:
            left["no longer in Kafka; have the producer send them anew"] += 1
        elif problem := problem_of(values[place], clock_ms(), settings.fraud_detection.gate):
            left[f"the gate would hold them back now: {problem.reason}"] += 1
        else:
            again.append((each, values[place]))
    return Sorted(again, +left)


def send(settings: Settings, again: Sequence[tuple[Degraded, bytes]], sent: Callable[[], None] = lambda: None) -> None:
    """Send each message in again, then leave its line of audit; `sent` is called for each.

    A crash in between leaves one that was sent without a line: sent once more, it is a duplicate. Raises DeliveryError.
    """
    topics = settings.kafka.topics
    with kafka.telling_sender(settings.kafka.bootstrap) as sender:
        for each, raw in again:
            partition, offset = sender(topics.transactions, key_of(raw), raw)
            subject = each["decision_id"]
            made = audit.line(audit.RETOKENISE, subject, sent_partition=partition, sent_offset=offset)
            sender(topics.audit, subject.encode(), orjson.dumps(made))
            sent()
