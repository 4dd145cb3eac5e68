"""Decisions and alerts as the items that DynamoDB keeps of them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from contracts import reader
from udfs.contract_json import MalformedError
from udfs.times import iso_ms

Item = dict[str, dict[str, Any]]

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_DAY_SECONDS = 86_400
_TRANSACTION = tuple(each.custom.get("tokenisedAs", each.name) for each in reader.load("transactions").fields)
_OF_CARD = (*_TRANSACTION, "decision_id", "outcome", "amount_usd_minor")
_FEATURES = {"features", *(f"{each}_features" for each in reader.ENTITIES)}
_OF_TRANSACTION = tuple(name for name in reader.load("decisions").names() if name not in _FEATURES)


@dataclass(frozen=True)
class Tables:
    """The tables' names, and for how many days of event time transactions and alerts are kept."""

    cards: str
    transactions: str
    alerts: str
    transaction_days: int
    alert_days: int


@dataclass(frozen=True)
class Put:
    """An item to write, whose key is made of the attributes `key`, for row `row` of the bundle.

    One with a `version` replaces only an item with a lesser version.
    """

    table: str
    key: tuple[str, ...]
    item: Item
    row: int
    version: str | None = None

    def identity(self) -> tuple[str, ...]:
        return (self.table, *(self.item[name]["S"] for name in self.key))


def decision_puts(decision: Mapping[str, Any], tables: Tables, row: int) -> tuple[Put, ...]:
    """The card's state after this decision, and the transaction; both without the arrays of features.

    The state holds each feature under its name instead. A decision without history is of no card that is known, so
    there is no state. Raises MalformedError when there are too few or too many features.
    """
    recent = Put(tables.transactions, ("card_token", "event_key"), item(_recent(decision, tables)), row)
    if decision.get("degraded"):
        return (recent,)
    names, features = reader.card_feature_names(), decision["features"]
    if len(features) != len(names):
        raise MalformedError(f"features has {len(features)} elements instead of {len(names)}", "features")
    version = f"{_epoch_ms(decision['ingested_at']):013d}-{decision['source_offset']:015d}"
    state = {name: decision[name] for name in _OF_CARD} | dict(zip(names, features, strict=True))
    card = Put(tables.cards, ("card_token",), item(state | {"version": version}), row, version)
    return card, recent


def _recent(decision: Mapping[str, Any], tables: Tables) -> dict[str, Any]:
    return {name: decision[name] for name in _OF_TRANSACTION if name in decision} | {
        "event_key": f"{iso_ms(_epoch_ms(decision['event_time']))}#{decision['transaction_id']}",
        "expires_at": _expiry(decision["event_time"], tables.transaction_days),
    }


def alert_put(alert: Mapping[str, Any], tables: Tables, row: int) -> Put:
    kept = {**alert, "expires_at": _expiry(alert["event_time"], tables.alert_days)}
    return Put(tables.alerts, ("alert_id",), item(kept), row)


def newest(puts: Iterable[Put]) -> list[Put]:
    """One put for each item: that of the greatest version, or else the last to arrive."""
    kept: dict[tuple[str, ...], Put] = {}
    for put in puts:
        before = kept.get(put.identity())
        if before is None or (put.version or "") >= (before.version or ""):
            kept[put.identity()] = put
    return list(kept.values())


def item(values: Mapping[str, Any]) -> Item:
    """Values by name in DynamoDB's own notation; absent optional ones are left out."""
    return {name: _attribute(value) for name, value in values.items() if value is not None}


def plain(found: Mapping[str, Mapping[str, Any]]) -> dict[str, Any]:
    """The opposite of `item`: integers, text, lists and mappings by name; times stay ISO 8601 text."""
    return {name: _value(*attribute.items()) for name, attribute in found.items()}


def _value(typed: tuple[str, Any]) -> Any:
    kind, content = typed
    if kind == "N":
        return int(content)
    if kind == "L":
        return [_value(*each.items()) for each in content]
    return plain(content) if kind == "M" else content


def _attribute(value: Any) -> dict[str, Any]:
    if isinstance(value, str):
        return {"S": value}
    if isinstance(value, int):
        return {"N": str(value)}
    if isinstance(value, datetime):
        return {"S": iso_ms(_epoch_ms(value))}
    if isinstance(value, list):
        return {"L": [_attribute(each) for each in value]}
    if isinstance(value, dict):
        return {"M": item(value)}
    raise TypeError(f"no attribute type for {type(value).__name__}")


def _epoch_ms(moment: datetime) -> int:
    return (moment - _EPOCH) // timedelta(milliseconds=1)


def _expiry(event_time: datetime, days: int) -> int:
    """Seconds since 1970, as DynamoDB's TTL wants them."""
    return _epoch_ms(event_time) // 1000 + days * _DAY_SECONDS
