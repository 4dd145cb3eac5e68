"""The contracts and rules, read from their YAML by the oracle itself."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import ROUND_HALF_EVEN, Decimal
from pathlib import Path
from typing import Any

import yaml

ROOT = Path(__file__).parents[2]
RULES = ROOT / "jobs" / "fraud_detection" / "rules" / "cards.yaml"


def _yaml(path: Path) -> Any:
    return yaml.safe_load(path.read_text(encoding="utf-8"))


def _properties(raw: dict[str, Any]) -> dict[str, Any]:
    return {each["property"]: each["value"] for each in raw.get("customProperties", [])}


@dataclass(frozen=True)
class Field:
    name: str
    kind: str
    required: bool
    options: dict[str, Any]
    properties: dict[str, Any]


def _fields(contract: str) -> tuple[Field, ...]:
    schema = _yaml(ROOT / "contracts" / f"{contract}.yaml")["schema"][0]
    return tuple(
        Field(
            each["name"],
            each["logicalType"],
            each.get("required", False),
            each.get("logicalTypeOptions", {}),
            _properties(each),
        )
        for each in schema["properties"]
    )


@dataclass(frozen=True)
class Kept:
    """What is known of an entity: the names of its features, the field that has its id, and those counted distinct."""

    features: tuple[str, ...]
    id: str
    counted: tuple[str, str, str]


def _kept(entity: str) -> Kept:
    schema = _yaml(ROOT / "contracts" / f"{entity}_features.yaml")["schema"][0]
    names, properties = [each["name"] for each in schema["properties"]], _properties(schema)
    windowed = [name.format(window=window) for window in properties["windows"] for name in names if "{window}" in name]
    features = tuple(windowed + [name for name in names if "{window}" not in name])
    return Kept(features, properties["entity"], tuple(properties["categories"]))


TRANSACTION = _fields("transactions")
MAX_AMOUNT: int = next(each.options["maximum"] for each in TRANSACTION if each.name == "amount_minor")
PROHIBITED = tuple(
    name.casefold()
    for name in _properties(_yaml(ROOT / "contracts" / "transactions.yaml")["schema"][0])["prohibitedFields"]
)
CLOCK = next(each.properties for each in TRANSACTION if each.name == "event_time")
HISTORIES = {entity: _kept(entity) for entity in ("card", "customer", "terminal", "device")}
FEATURES = HISTORIES["card"].features
CURRENCIES: dict[str, dict[str, Any]] = _yaml(ROOT / "contracts" / "currencies.yaml")
RATES: dict[str, list[tuple[date, Decimal]]] = {
    code: sorted((since, Decimal(rate)) for since, rate in entry["usd_per_unit"].items())
    for code, entry in CURRENCIES.items()
}


def day_of(event_ms: int) -> date:
    """The UTC day of an event."""
    return datetime.fromtimestamp(event_ms / 1000, UTC).date()


def usd_minor(amount_minor: int, currency: str, event_ms: int) -> int:
    """US cents, rounded half to even; LookupError on a day before the first rate."""
    day = day_of(event_ms)
    held = [rate for since, rate in RATES[currency] if since <= day]
    if not held:
        raise LookupError(f"no rate of {currency} on {day}")
    units = Decimal(amount_minor).scaleb(-CURRENCIES[currency]["decimals"])
    return int((units * held[-1] * 100).quantize(Decimal(1), rounding=ROUND_HALF_EVEN))


def entities(path: Path = RULES) -> tuple[str, ...]:
    """The card, and the other entities that a condition or a sentence of the file speaks of."""
    words = " ".join(f"{rule['when']} {rule['text']}" for version in _yaml(path) for rule in version["rules"])
    return tuple(each for each in HISTORIES if each == "card" or re.search(rf"\b{each}\.", words))


def rule_versions(path: Path = RULES) -> list[tuple[datetime, dict[str, Any]]]:
    """All versions of the rules with the moment from which each holds, earliest first."""
    versions = []
    for each in _yaml(path):
        since = each["holds_from"]
        versions.append((since if since.tzinfo else since.replace(tzinfo=UTC), each))
    return sorted(versions, key=lambda version: version[0])
