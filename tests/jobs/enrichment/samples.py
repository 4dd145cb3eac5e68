"""Decisions as they stand in their topic."""

from __future__ import annotations

from random import Random
from typing import Any

from udfs.times import iso_ms


def decision(number: int, event_ms: int, random: Random) -> dict[str, Any]:
    """One of a few customers and merchants, in a currency that may have a reference or not."""
    event_time = iso_ms(event_ms)
    return {
        "decision_id": f"d-{number}",
        "transaction_id": f"t-{number}",
        "customer_id": f"c-{random.randint(0, 5)}",
        "merchant_id": f"m-{random.randint(0, 5)}",
        "card_token": f"k_{random.randint(0, 3)}",
        "currency": random.choice(["EUR", "JPY", "USD", "KWD"]),
        "amount_minor": random.randint(1, 10**9),
        "amount_usd_minor": 1,
        "event_time": event_time,
        "ingested_at": event_time,
        "merchant_category": "5411",
        "terminal_id": "t",
        "country": "DE",
        "channel": "pos",
        "outcome": "approve",
        "reasons": [],
        "rules_version": 1,
        "features": [1, 2],
        "source_partition": 0,
        "source_offset": number,
        "latency_ms": {"gate": 1, "history": 1, "decide": 1},
    }
