"""Writes the records of the quarantine topic (contract `quarantine`)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

import orjson

from udfs.redaction import mask
from udfs.times import iso_ms
from udfs.validation import Problem


class Source(NamedTuple):
    """Where a record stands in Kafka, and when it was appended, in ms since 1970."""

    topic: str
    partition: int
    offset: int
    ingested_ms: int


def quarantined(problem: Problem, readable: Mapping[str, Any], step: str, source: Source, raw: bytes) -> bytes:
    """A quarantine record as JSON. Its id is made of the source and the step, so a repeat has the same id."""
    return orjson.dumps(
        {
            "quarantine_id": f"{source.topic}-{source.partition}-{source.offset}-{step}",
            "step": step,
            "reason": problem.reason,
            "field": problem.field,
            "message": problem.message,
            "source_topic": source.topic,
            "source_partition": source.partition,
            "source_offset": source.offset,
            "ingested_at": iso_ms(source.ingested_ms),
            **{name: readable.get(name) for name in ("transaction_id", "customer_id", "amount_minor", "currency")},
            "payload": mask(raw),
        }
    )
