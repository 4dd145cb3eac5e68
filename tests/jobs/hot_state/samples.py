"""A decision and an alert as they stand in their topics, to be varied by the tests."""

from __future__ import annotations

from typing import Any

import orjson

from contracts import reader
from sluice.settings import HotState
from udfs.hot_items import Tables
from udfs.quarantine import Source

TOKEN = "k1_" + "ab" * 32
HOT = HotState()
TABLES = Tables(HOT.cards_table, HOT.transactions_table, HOT.alerts_table, HOT.transaction_ttl_days, HOT.alert_ttl_days)


def decision(**changes: Any) -> dict[str, Any]:
    fields = {
        "transaction_id": "t-1",
        "event_time": "2026-01-05T08:00:00.500Z",
        "customer_id": "c-1",
        "card_token": TOKEN,
        "amount_minor": 90_000,
        "currency": "USD",
        "merchant_id": "m-1",
        "merchant_category": "5411",
        "terminal_id": "pos-1",
        "country": "US",
        "channel": "pos",
        "device_id": None,
        "decision_id": "d-1",
        "outcome": "review",
        "reasons": [
            {"rule": "high_value", "version": 1, "severity": "medium", "text": "Too much.", "values": {"limit": 5}}
        ],
        "rules_version": 1,
        "amount_usd_minor": 90_000,
        "features": list(range(len(reader.card_feature_names()))),
        "source_partition": 2,
        "source_offset": 7,
        "ingested_at": "2026-01-05T09:20:00.000Z",
        "latency_ms": {"gate": 5, "history": 3, "decide": 2},
    }
    contract = reader.load("decisions")
    assert {each.name for each in contract.fields if each.required} <= set(fields)
    return dict.fromkeys(contract.names()) | fields | changes


def alert(**changes: Any) -> dict[str, Any]:
    copied = {name: value for name, value in decision().items() if name in reader.load("alerts").names()}
    own = {
        "alert_id": "a-1",
        "severity": "medium",
        "rules": ["high_value"],
        "text": "Too much.",
        "decided_at": "2026-01-05T09:20:00.031Z",
    }
    assert set(copied | own) == set(reader.load("alerts").required())
    return copied | own | changes


def message(topic: str, fields: dict[str, Any], offset: int = 0) -> tuple[bytes, Source]:
    return orjson.dumps(fields), Source(topic, 0, offset, 1_767_604_800_000)
