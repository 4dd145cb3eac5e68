"""The pure logic of `udfs.patterns` as the call that the kernel's Python step makes, see `udfs/batches.py`."""

from __future__ import annotations

from pathlib import Path

import orjson

from udfs import batches, customer_events
from udfs.gate import bounds
from udfs.parts import Packed
from udfs.patterns.alert import Alerts
from udfs.patterns.file import load
from udfs.quarantine import Source, quarantined
from udfs.times import clock_ms

ALERTED = ("key", "alert")
"""The parts of what is said of a match: an alert with its key, or nothing."""
EVENTS = ("customer_id", "event", "problem")
"""The parts of a message about a customer: whom it is about, and the event or else the quarantine record."""
STEP = "customer_events"


def open_alerts(folder: str) -> batches.Call:
    """(pattern, matched) to packed records of ALERTED; `matched` are JSON objects with commas between."""
    patterns = {name.encode(): Alerts(name, pattern) for name, pattern in load(Path(folder)).items()}

    def call(count: int, pattern: bytes, matched: bytes) -> bytes:
        keys, alerts = [b""] * count, [b""] * count
        pairs = zip(batches.present(pattern, count), batches.present(matched, count), strict=True)
        for row, (name, found) in enumerate(pairs):
            alert = patterns[name].alert(orjson.loads(b"[%b]" % found), clock_ms())
            if alert is not None:
                keys[row], alerts[row] = alert["card_token"].encode(), orjson.dumps(alert)
        return batches.answer(Packed((keys, alerts)))

    return call


def open_events(topic: str, max_message_bytes: int, max_age_days: int | None) -> batches.Call:
    """(content, partition, offset, appended) of messages about customers to packed records of EVENTS."""
    limits = bounds(customer_events.CONTRACT, max_message_bytes, max_age_days)

    def call(count: int, content: bytes, partition: bytes, offset: bytes, appended: bytes) -> bytes:
        customers, events, problems = ([b""] * count for _ in EVENTS)
        places = (batches.numbers(each).tolist() for each in (partition, offset, appended))
        for row, (raw, *place) in enumerate(zip(batches.values(content, count), *places, strict=True)):
            source = Source(topic, *place)
            found = customer_events.checked(raw, source.ingested_ms, limits)
            customers[row] = found.readable.get("customer_id", "").encode()
            if found.problem is None:
                events[row] = orjson.dumps(found.readable)
            else:
                problems[row] = quarantined(found.problem, found.readable, STEP, source, raw or b"")
        return batches.answer(Packed((customers, events, problems)))

    return call
