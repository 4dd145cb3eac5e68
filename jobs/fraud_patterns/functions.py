"""The pure logic of `udfs.patterns` as the call that the kernel's Python step makes, see `udfs/batches.py`."""

from __future__ import annotations

from pathlib import Path

import orjson

from udfs import batches
from udfs.parts import Packed
from udfs.patterns.alert import Alerts
from udfs.patterns.file import load
from udfs.times import clock_ms

ALERTED = ("key", "alert")
"""The parts of what is said of a match: an alert with its key, or nothing."""


def open_alerts(folder: str) -> batches.Call:
    """(pattern, transactions) to packed records of ALERTED; `transactions` are JSON objects with commas between."""
    patterns = {name.encode(): Alerts(name, pattern) for name, pattern in load(Path(folder)).items()}

    def call(count: int, pattern: bytes, transactions: bytes) -> bytes:
        keys, alerts = [b""] * count, [b""] * count
        pairs = zip(batches.present(pattern, count), batches.present(transactions, count), strict=True)
        for row, (name, matched) in enumerate(pairs):
            alert = patterns[name].alert(orjson.loads(b"[%b]" % matched), clock_ms())
            if alert is not None:
                keys[row], alerts[row] = alert["card_token"].encode(), orjson.dumps(alert)
        return batches.answer(Packed((keys, alerts)))

    return call
