"""Reads the data contracts (Open Data Contract Standard YAML) that stand beside this file."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from functools import cache
from pathlib import Path
from typing import Any

import yaml

FOLDER = Path(__file__).parent
ENTITIES = ("card", "customer", "terminal", "device")
"""Of what histories are kept: of cards always, of another where a rule looks at its history."""


@dataclass(frozen=True)
class Field:
    """One field: its logical type (string, integer, timestamp, array, object, map) and its constraints."""

    name: str
    type: str
    required: bool
    primary_key: bool = False
    options: dict[str, Any] = field(default_factory=dict)
    custom: dict[str, Any] = field(default_factory=dict)
    classification: str | None = None
    description: str = ""
    items: Field | None = None
    properties: tuple[Field, ...] = ()


@dataclass(frozen=True)
class Contract:
    id: str
    version: str
    fields: tuple[Field, ...]
    custom: dict[str, Any]

    def names(self) -> tuple[str, ...]:
        return tuple(each.name for each in self.fields)

    def required(self) -> tuple[str, ...]:
        """The names of the fields that are always there."""
        return tuple(each.name for each in self.fields if each.required)


def _field(raw: dict[str, Any], name: str = "") -> Field:
    custom = _custom(raw)
    whole = load(custom["contract"]).fields if "contract" in custom else ()
    return Field(
        name=raw.get("name", name),
        type=raw["logicalType"],
        required=raw.get("required", False),
        primary_key=raw.get("primaryKey", False),
        options=raw.get("logicalTypeOptions", {}),
        custom=custom,
        classification=raw.get("classification"),
        description=raw.get("description", ""),
        items=_field(raw["items"], "item") if "items" in raw else None,
        properties=whole or tuple(_field(each) for each in raw.get("properties", ())),
    )


def _custom(raw: dict[str, Any]) -> dict[str, Any]:
    return {each["property"]: each["value"] for each in raw.get("customProperties", ())}


def _tokenised(each: Field) -> Field:
    """A restricted field as it stands everywhere behind the gate."""
    name = each.custom.get("tokenisedAs")
    return each if name is None else Field(name=name, type="string", required=each.required, description="kid_hex")


@cache
def load(name: str) -> Contract:
    """The contract `name`; one that includes another starts with that one's fields, restricted ones tokenised."""
    raw = yaml.safe_load((FOLDER / f"{name}.yaml").read_text(encoding="utf-8"))
    schema = raw["schema"][0]
    custom = _custom(schema)
    own = tuple(_field(each) for each in schema["properties"])
    included = load(custom["includes"]).fields if "includes" in custom else ()
    return Contract(raw["id"], str(raw["version"]), tuple(_tokenised(each) for each in included) + own, custom)


@cache
def features(entity: str) -> tuple[Field, ...]:
    """What is known of one of ENTITIES, element by element: all of one window, then the next, then the rest."""
    contract = load(f"{entity}_features")
    per_window = [each for each in contract.fields if "{window}" in each.name]
    rest = [each for each in contract.fields if "{window}" not in each.name]
    windows = contract.custom["windows"]
    named = [replace(each, name=each.name.format(window=window)) for window in windows for each in per_window]
    return (*named, *rest)


@cache
def feature_names(entity: str) -> tuple[str, ...]:
    """The names of `features`, which are as many for each entity."""
    return tuple(each.name for each in features(entity))


def card_feature_names() -> tuple[str, ...]:
    """The elements of a decision's `features`."""
    return feature_names("card")


@cache
def pattern_alert_transaction() -> tuple[Field, ...]:
    """What an alert tells of each transaction that matched a pattern."""
    return _told_in_alerts("transactions")


@cache
def pattern_alert_event() -> tuple[Field, ...]:
    """What an alert tells of each customer event that matched a pattern."""
    return _told_in_alerts("customer_events")


def _told_in_alerts(name: str) -> tuple[Field, ...]:
    (told,) = (each for each in load("alerts").fields if each.name == name)
    assert told.items is not None
    return told.items.properties


@cache
def currencies() -> dict[str, dict[str, Any]]:
    """Currency code to `decimals` and `usd_per_unit` (first day to a decimal string)."""
    raw: dict[str, dict[str, Any]] = yaml.safe_load((FOLDER / "currencies.yaml").read_text(encoding="utf-8"))
    return raw


@cache
def countries() -> dict[str, list[list[float]]]:
    """Country code to circles that cover it: latitude and longitude of the centre in degrees, radius in km."""
    raw: dict[str, list[list[float]]] = yaml.safe_load((FOLDER / "countries.yaml").read_text(encoding="utf-8"))
    return raw
