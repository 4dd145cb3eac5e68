"""What a rule may look at: the transaction's fields and the features of its history, with units and bounds."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from decimal import Decimal
from functools import cache
from types import MappingProxyType

from contracts import reader
from contracts.reader import Field

PLAIN, USD, MS, OWN = "", "USD", "ms", "the transaction's own currency"
"""Units of numbers. A USD is counted in cents and a time in milliseconds, whatever a literal is written in."""
_UNITS = {"US cents": USD, "milliseconds": MS, "minor units of currency": OWN}
SCALES = MappingProxyType(
    {
        PLAIN: (PLAIN, 1),
        "USD": (USD, 100),
        "ms": (MS, 1),
        "s": (MS, 1_000),
        "min": (MS, 60_000),
        "h": (MS, 3_600_000),
        "d": (MS, 86_400_000),
    }
)
"""Unit of a literal to the unit that values have, and how many of that it is."""
NEVER = 2**53
"""What counts where a value is absent: longer ago than any limit that can be written."""


class UnitError(ValueError):
    """A literal's unit is not one of those that values have."""


@dataclass(frozen=True)
class Quantity:
    """A whole number between `low` and `high`, in `unit`; `column` is its name in the data.

    Where the data say `absent`, the value is NEVER.
    """

    column: str
    unit: str
    low: float = -math.inf
    high: float = math.inf
    absent: int | None = None


@dataclass(frozen=True)
class Words:
    """A text; where `codes` are known it is one of them, where `pattern` is known it matches that."""

    column: str
    optional: bool = False
    codes: tuple[str, ...] = ()
    pattern: str = ""

    def complaint(self, text: str) -> str | None:
        """Why the field can never be `text`."""
        if self.codes and text not in self.codes:
            return f"{self.column} is one of {', '.join(self.codes)}"
        if self.pattern and not re.fullmatch(self.pattern, text):
            return f"{self.column} has the form {self.pattern}"
        return None


Value = Quantity | Words


def scaled(value: Decimal, unit: str) -> tuple[Decimal, str]:
    """A literal in the unit that values have. Raises UnitError for a unit that none has."""
    if unit not in SCALES:
        if re.fullmatch("[A-Z]{3}", unit):
            raise UnitError(f"amounts are compared in US dollars: give the limit in USD, not in {unit}")
        raise UnitError(f"{unit!r} is no unit; there are {', '.join(name for name in SCALES if name)}")
    into, scale = SCALES[unit]
    if into == USD and (value * scale) % 1:
        raise UnitError(f"{value} USD is not a whole number of cents")
    return value * scale, into


@cache
def catalogue() -> Mapping[str, Value]:
    """Name in a rule to value, from the contract `decisions` and those of the entities' features."""
    found: dict[str, Value] = {}
    decision = {each.name: each for each in reader.load("decisions").fields}
    for name in _sent():
        found[_readable(name)] = _value(decision[name])
    found["amount_usd"] = _quantity(decision["amount_usd_minor"])
    for entity in reader.ENTITIES:
        for each in reader.features(entity):
            found[f"{entity}.{_readable(each.name)}"] = replace(_quantity(each), column=column(entity, each.name))
    return MappingProxyType(found)


def column(entity: str, feature: str) -> str:
    """What the data call a feature; those of the card are there without its name."""
    return feature if entity == "card" else f"{entity}_{feature}"


def entity_of(name: str) -> str | None:
    """Whose history a value of the catalogue is of; None for what stands in the transaction."""
    entity, dot, _ = name.partition(".")
    return entity if dot else None


def _sent() -> list[str]:
    """The transaction's fields as they stand behind the gate, but for its time."""
    fields = reader.load("transactions").fields
    return [each.custom.get("tokenisedAs", each.name) for each in fields if each.type != "timestamp"]


def _readable(column: str) -> str:
    """Units are written with the limits, so names do without."""
    return column.removesuffix("_minor").removeprefix("ms_")


def _quantity(each: Field) -> Quantity:
    unit, absent = _UNITS.get(each.custom["unit"], PLAIN), each.custom.get("absent")
    low, high = each.options.get("minimum", -math.inf), each.options.get("maximum", math.inf)
    if absent is not None:
        low, high = low + 1, NEVER
    return Quantity(each.name, unit, low, high, absent)


def _value(each: Field) -> Value:
    if each.type == "integer":
        return _quantity(each)
    codes = tuple(each.options.get("enum", ()))
    if each.custom.get("codes") == "currencies":
        codes = tuple(reader.currencies())
    return Words(each.name, not each.required, codes, each.options.get("pattern", ""))
