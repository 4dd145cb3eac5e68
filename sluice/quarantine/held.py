"""The records of the quarantine topic, read and sorted."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import orjson

from sluice import kafka
from sluice.errors import SluiceError
from sluice.feed.times import duration
from sluice.settings import Settings

Held = dict[str, Any]
"""A quarantine record, by the contract `quarantine`."""


class QuarantineError(SluiceError):
    """The quarantine can't do what is asked."""


@dataclass(frozen=True)
class Choice:
    """Which records; None does not restrict. `source` is a topic, or a topic and a partition as `transactions/3`."""

    reason: str | None = None
    field: str | None = None
    source: str | None = None
    step: str | None = None

    def holds(self, held: Held) -> bool:
        """Whether `held` is one of them."""
        sources = {None, held["source_topic"], f"{held['source_topic']}/{held['source_partition']}"}
        return (
            self.reason in {None, held["reason"]}
            and self.field in {None, held["field"]}
            and self.step in {None, held["step"]}
            and self.source in sources
        )


def read(settings: Settings, last: str, choice: Choice = Choice()) -> list[Held]:
    """Those of `choice` that were held back within `last` (30m, 24h, 7d), each once, oldest first."""
    kafka_ = settings.kafka
    records = kafka.read_last(kafka_.bootstrap, kafka_.topics.quarantine, duration(last, "--last"))
    once = {held["quarantine_id"]: held for held in _values(records) if choice.holds(held)}
    return sorted(once.values(), key=lambda held: (held["ingested_at"], held["quarantine_id"]))


def every(settings: Settings) -> dict[str, Held]:
    """All that Kafka still has, by quarantine id."""
    records = kafka.read_all(settings.kafka.bootstrap, settings.kafka.topics.quarantine)
    return {held["quarantine_id"]: held for held in _values(records)}


def find(known: Mapping[str, Held], quarantine_id: str) -> Held:
    """The record of this id, or of the only one that begins so. Raises QuarantineError."""
    found = {key: held for key, held in known.items() if key.startswith(quarantine_id)}
    if quarantine_id in found:
        return found[quarantine_id]
    if len(found) != 1:
        several = f"{len(found)} records begin" if found else "no record begins"
        raise QuarantineError(f"{several} with {quarantine_id!r}; `sluice quarantine list --each` shows their ids")
    return next(iter(found.values()))


def _values(records: Iterable[kafka.Record]) -> Iterator[Held]:
    return (orjson.loads(each.value) for each in records)
