"""What a decision must be enriched with, by definition: of all that was told before, the latest that holds by then."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from decimal import ROUND_HALF_EVEN, Decimal
from typing import Any

from tests.oracle.facts import CURRENCIES, RATES, day_of
from tests.oracle.validation import EPOCH, iso

VALUES = {
    "customer_segments": ("customer_id", "customer_segment"),
    "merchant_risks": ("merchant_id", "merchant_risk"),
    "exchange_rates": ("currency", "usd_rate"),
}
"""Of each reference, whom it is about and what it says."""

Told = tuple[str, bytes, bytes | None]
"""A message of a reference: which, key, value."""


def holding(versions: Mapping[int, Any], moment: int) -> tuple[int, Any] | None:
    """Since when something holds at `moment`, and what."""
    since = [each for each in versions if each <= moment]
    return (max(since), versions[max(since)]) if since else None


def versions(messages: Iterable[Told]) -> dict[tuple[str, str], dict[int, str]]:
    """What is known after these messages, all of them valid: (reference, entity) to moment to value."""
    known: dict[tuple[str, str], dict[int, str]] = {}
    for reference, key, value in messages:
        entity_name, value_name = VALUES[reference]
        head = json.loads(key)
        of = known.setdefault((reference, head[entity_name]), {})
        since = _ms(head["valid_from"])
        if value is None:
            of.pop(since, None)
        else:
            of[since] = json.loads(value)[value_name]
    return known


def enrichment(decision: Mapping[str, Any], known: Mapping[tuple[str, str], Mapping[int, str]]) -> dict[str, Any]:
    """The fields that are added to `decision`, but for the clock."""
    moment = _ms(decision["event_time"])
    fields: dict[str, Any] = {"defaulted": []}
    for reference, (entity_name, value_name) in VALUES.items():
        found = holding(known.get((reference, decision[entity_name]), {}), moment)
        if found is not None:
            fields[f"{value_name}_valid_from"] = iso(found[0])
            fields[value_name] = found[1]
            continue
        fields[value_name] = _rate(decision["currency"], moment) if value_name == "usd_rate" else "unknown"
        if (value_name, decision["currency"]) != ("usd_rate", "USD"):
            fields["defaulted"].append(value_name)
    units = Decimal(decision["amount_minor"]).scaleb(-CURRENCIES[decision["currency"]]["decimals"])
    cents = units * Decimal(fields["usd_rate"]) * 100
    return fields | {"amount_at_rate_usd_minor": int(cents.quantize(Decimal(1), ROUND_HALF_EVEN))}


def _ms(instant: str) -> int:
    return (datetime.fromisoformat(instant) - EPOCH) // timedelta(milliseconds=1)


def _rate(currency: str, moment: int) -> str:
    day = day_of(moment)
    return str([rate for since, rate in RATES[currency] if since <= day][-1])
