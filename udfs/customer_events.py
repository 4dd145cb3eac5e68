"""Events of customers besides their payments: what a message of theirs says, or what is wrong with it."""

from __future__ import annotations

from typing import Any

from contracts import reader
from udfs.times import iso_ms, parse_ms
from udfs.validation import Bounds, Diagnosis, diagnose

CONTRACT = reader.load("customer_events")


def checked(raw: bytes | None, ingested_ms: int, bounds: Bounds) -> Diagnosis:
    """A message that was appended at `ingested_ms` (ms since 1970), held against its contract.

    Without a problem, `readable` is the event as it goes on: the contract's fields that it has, and `ingested_at`.
    """
    found = diagnose(raw or b"", ingested_ms, CONTRACT, reader.currencies(), bounds)
    if found.problem is not None:
        return found
    moment = parse_ms(found.readable["event_time"])
    assert moment is not None
    event: dict[str, Any] = found.readable | {"event_time": iso_ms(moment), "ingested_at": iso_ms(ingested_ms)}
    return Diagnosis(None, event)
