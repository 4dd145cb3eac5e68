"""A good transaction, and ways to spoil it."""

from __future__ import annotations

from typing import Any

import orjson

NOW_MS = 1_770_000_000_000  # 2026-02-02T02:40:00Z
CARD = "4000001234567899"
GOOD: dict[str, Any] = {
    "transaction_id": "t-1",
    "event_time": "2026-02-02T02:39:59.500Z",
    "customer_id": "c-1",
    "card_number": CARD,
    "amount_minor": 12_345,
    "currency": "USD",
    "merchant_id": "m-1",
    "merchant_category": "5411",
    "terminal_id": "t-9",
    "country": "US",
    "channel": "pos",
    "device_id": None,
}


def message(**changes: Any) -> bytes:
    """The good transaction with some fields changed; a field set to ... is left out."""
    return orjson.dumps({name: value for name, value in (GOOD | changes).items() if value is not ...})
