"""The books of the deliveries: the topic `deliveries`, written after each message and read at a start."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta
from typing import Any

import orjson

from sluice import kafka
from sluice.settings import Settings
from udfs.delivery.attempts import Outcome
from udfs.delivery.messages import Message
from udfs.times import clock_ms, iso_ms

Delivery = dict[str, Any]
"""A record of the contract `deliveries`."""


def entry(message: Message, receiver: str, outcome: Outcome, at: tuple[int, int]) -> Delivery:
    """What became of `message`, of the version of an episode that stands `at` partition and offset."""
    return {
        "delivery_id": message.key,
        "receiver": receiver,
        "kind": message.kind,
        "state": outcome.verdict.value,
        "reason": outcome.words or None,
        "subject": message.subject,
        "alert_ids": list(message.alert_ids),
        "episode_id": message.episode_id,
        "attempts": outcome.attempts,
        "first_tried_at": iso_ms(outcome.first_tried_ms),
        "ended_at": iso_ms(outcome.ended_ms),
        "source_partition": at[0],
        "source_offset": at[1],
    }


def known(settings: Settings, receiver: str) -> dict[str, None]:
    """The ids of what has ended for `receiver` within `alert_delivery.books_hours`, oldest first."""
    back = timedelta(hours=settings.alert_delivery.books_hours)
    return {each["delivery_id"]: None for each in since(settings, back) if each["receiver"] == receiver}


def since(settings: Settings, back: timedelta) -> list[Delivery]:
    """The latest record of each delivery that ended within so long, oldest first."""
    at_ms = clock_ms() - back // timedelta(milliseconds=1)
    records = kafka.read_since(settings.kafka.bootstrap, settings.kafka.topics.deliveries, at_ms)
    return latest(orjson.loads(each.value) for each in records)


def latest(records: Iterable[Delivery]) -> list[Delivery]:
    """The record that holds, of each delivery. A receiver's records stand in one partition, in their order."""
    found: dict[str, Delivery] = {}
    for each in records:
        found[each["delivery_id"]] = each
    return sorted(found.values(), key=lambda each: (each["ended_at"], each["delivery_id"]))
