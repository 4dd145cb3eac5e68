"""A transaction to vary, and a log made of bodies."""

from __future__ import annotations

import json
from typing import Any

from tests.oracle.answer import Record
from tests.oracle.validation import iso

NOON = 1_767_614_400_000  # 2026-01-05T12:00:00Z
CARD = "4000000000000002"


def body(number: int = 1, after_ms: int = 0, **changes: Any) -> dict[str, Any]:
    """A valid transaction `after_ms` milliseconds after noon, with `changes`; a change to `...` leaves a field out."""
    whole = {
        "transaction_id": f"t-{number}",
        "event_time": iso(NOON + after_ms),
        "customer_id": "c-1",
        "card_number": CARD,
        "amount_minor": 1_000,
        "currency": "USD",
        "merchant_id": "m-1",
        "merchant_category": "5411",
        "terminal_id": "p-1",
        "country": "US",
        "channel": "pos",
        "device_id": None,
        **changes,
    }
    return {name: value for name, value in whole.items() if value is not ...}


def log(*values: bytes | dict[str, Any], ingested_ms: int = NOON) -> list[Record]:
    """The values as one partition of a log, all appended at the same time."""
    texts = [each if isinstance(each, bytes) else json.dumps(each).encode() for each in values]
    return [(0, offset, ingested_ms, b"c-1", text) for offset, text in enumerate(texts)]
