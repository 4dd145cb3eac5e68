"""Held-back records go in again, and the books say who sent them, when and why."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Any, NamedTuple

import orjson

from sluice import kafka
from sluice.keys.audit import login
from sluice.quarantine.held import Held, QuarantineError
from sluice.quarantine.mending import Changes, key_of, mended, problem_of
from sluice.settings import Settings
from udfs.times import clock_ms, iso_ms

Correction = dict[str, Any]
"""A record of the contract `corrections`."""
GATED = ("gate", "history")
"""The steps that hold back what stands in the raw topic; what others hold back is no transaction."""


class Sending(NamedTuple):
    """A message to send in again for `held`; with `changes` it is a fix."""

    held: Held
    raw: bytes
    changes: Changes | None = None
    why: str | None = None


def originals(settings: Settings, held: Sequence[Held]) -> dict[str, bytes]:
    """Quarantine id to the raw message, for those that Kafka still has. It holds the card number: show it to nobody."""
    topic = settings.kafka.topics.transactions
    places = {(each["source_partition"], each["source_offset"]): each["quarantine_id"] for each in held}
    found = kafka.read_at(settings.kafka.bootstrap, topic, places)
    return {places[each.partition, each.offset]: each.value for each in found}


def fixed(settings: Settings, held: Held, changes: Changes, why: str) -> Sending:
    """The original of `held` with `changes`, once the gate would let it through. Raises QuarantineError."""
    if held["step"] not in GATED:
        raise QuarantineError(
            f"step {held['step']} held back a message of {held['source_topic']}, not a transaction: "
            "mend what wrote it, and have it sent anew"
        )
    raw = originals(settings, [held]).get(held["quarantine_id"])
    if raw is None:
        raise QuarantineError("Kafka no longer has the original; have the producer send it anew")
    again = mended(raw, changes)
    problem = problem_of(again, clock_ms(), settings.fraud_detection.gate)
    if problem is not None:
        raise QuarantineError(f"the gate would hold it back again: {problem.message}")
    return Sending(held, again, changes, why)


def send(settings: Settings, sendings: Iterable[Sending], sent: Callable[[], None] = lambda: None) -> list[Correction]:
    """Send each in, then note it; `sent` is called for each. A crash in between leaves a record that was sent without
    a note: sent once more, it is a duplicate of itself. Raises DeliveryError."""
    bootstrap, topics = settings.kafka.bootstrap, settings.kafka.topics
    made: list[Correction] = []
    with kafka.telling_sender(bootstrap) as sender:
        for each in sendings:
            partition, offset = sender(topics.transactions, key_of(each.raw), each.raw)
            correction = _noted(each, topics.transactions, partition, offset)
            sender(topics.corrections, each.held["quarantine_id"].encode(), orjson.dumps(correction))
            made.append(correction)
            sent()
    return made


def _noted(each: Sending, topic: str, partition: int, offset: int) -> Correction:
    return {
        "correction_id": f"{topic}-{partition}-{offset}",
        "quarantine_id": each.held["quarantine_id"],
        "action": "fix" if each.changes else "replay",
        "made_at": iso_ms(clock_ms()),
        "made_by": login(),
        "why": each.why,
        "changes": each.changes.described() if each.changes else [],
        "sent_partition": partition,
        "sent_offset": offset,
    }


def read(settings: Settings) -> dict[str, list[Correction]]:
    """Quarantine id to its corrections, oldest first."""
    found: dict[str, list[Correction]] = {}
    for record in kafka.read_all(settings.kafka.bootstrap, settings.kafka.topics.corrections):
        correction = orjson.loads(record.value)
        found.setdefault(correction["quarantine_id"], []).append(correction)
    return {key: sorted(each, key=lambda one: str(one["made_at"])) for key, each in found.items()}
