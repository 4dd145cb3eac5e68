"""A decision with what was known of its customer, merchant and currency when it was made."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Mapping
from fractions import Fraction
from typing import Any, NamedTuple

import orjson

from contracts import reader
from udfs.currency import half_even
from udfs.references import NAMES, VALID_FROM, table
from udfs.remembered import Remembered
from udfs.times import iso_ms, parse_ms

RATES = "exchange_rates"
SEED = "currencies"
"""What the contract of the rates calls their default."""
_MOMENT_BYTES = 8


class Asked(NamedTuple):
    """What the answer depends on, of a decision; `event_ms` in ms since 1970."""

    event_ms: int
    currency: str
    amount_minor: int


class Enrichment:
    """`currencies` is the seed table, whose rate is the default: the decision was made by it."""

    def __init__(self, currencies: Mapping[str, Mapping[str, Any]]) -> None:
        self._values = {name: table(name).value for name in NAMES}
        self._seed = {code: _by_day(entry["usd_per_unit"]) for code, entry in currencies.items()}
        self._decimals = {code: int(entry["decimals"]) for code, entry in currencies.items()}
        self._answers: Remembered[bytes, tuple[str, str]] = Remembered(_answer)
        self._ratios: Remembered[tuple[str, str], tuple[int, int]] = Remembered(self._ratio)

    def fields(self, asked: Asked, found: Mapping[str, bytes], now_ms: int) -> dict[str, Any]:
        """The fields that contract `enriched_decisions` adds. `found` maps a reference to what the kernel's `as_of`
        gives, and lacks those of which no version held."""
        fields: dict[str, Any] = {}
        defaulted = []
        for name, value in self._values.items():
            version = found.get(name)
            if version:
                fields[value.name], fields[f"{value.name}_{VALID_FROM}"] = self._answers[version]
            elif value.custom["default"] == SEED:
                fields[value.name] = self._seed_rate(asked)
                if asked.currency != "USD":
                    defaulted.append(value.name)
            else:
                fields[value.name] = value.custom["default"]
                defaulted.append(value.name)
        numerator, denominator = self._ratios[asked.currency, fields[self._values[RATES].name]]
        fields["amount_at_rate_usd_minor"] = half_even(asked.amount_minor * numerator, denominator)
        return {**fields, "defaulted": defaulted, "enriched_at": iso_ms(now_ms)}

    def _seed_rate(self, asked: Asked) -> str:
        moments, rates = self._seed[asked.currency]
        return rates[max(bisect_right(moments, asked.event_ms) - 1, 0)]

    def _ratio(self, of: tuple[str, str]) -> tuple[int, int]:
        """US cents for one minor unit of a currency at a rate."""
        currency, rate = of
        return (Fraction(rate) * Fraction(100, 10 ** self._decimals[currency])).as_integer_ratio()


def _answer(version: bytes) -> tuple[str, str]:
    """What holds, and since when."""
    since_ms = int.from_bytes(version[:_MOMENT_BYTES], "little", signed=True)
    return version[_MOMENT_BYTES:].decode(), iso_ms(since_ms)


def _by_day(rates: Mapping[Any, str]) -> tuple[list[int], list[str]]:
    by_day = sorted((parse_ms(f"{day}T00:00:00Z") or 0, str(rate)) for day, rate in rates.items())
    return [day for day, _ in by_day], [rate for _, rate in by_day]


def from_contracts() -> Enrichment:
    return Enrichment(reader.currencies())


def enriched(decision: bytes, fields: Mapping[str, Any]) -> bytes:
    """The JSON object `decision` with `fields` added at its end, and not read for that."""
    return decision.rstrip()[:-1] + b"," + orjson.dumps(fields)[1:]
