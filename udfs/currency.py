"""Amounts in other currencies as US cents, at the rate of the day, in whole numbers only."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal
from fractions import Fraction
from typing import Any

from udfs.remembered import Remembered

_EPOCH_DAY = date(1970, 1, 1)
_DAY_MS = 86_400_000


class RateError(ValueError):
    """The rate table is wrong; the message names the currency."""


class Rates:
    """The rate table: currency to decimals and US dollars for one unit by first day."""

    def __init__(self, currencies: Mapping[str, Mapping[str, Any]]) -> None:
        self._from_days: dict[str, list[int]] = {}
        self._cents_per_minor: dict[str, list[tuple[int, int]]] = {}
        self._ratios: Remembered[tuple[str, int], tuple[int, int]] = Remembered(self._ratio)
        for code, entry in currencies.items():
            by_day = sorted((day, Decimal(rate)) for day, rate in entry["usd_per_unit"].items())
            if not by_day or any(rate <= 0 for _, rate in by_day):
                raise RateError(f"currency {code}: usd_per_unit needs at least one day, and rates above zero")
            scale = Fraction(100, 10 ** int(entry["decimals"]))
            self._from_days[code] = [(day - _EPOCH_DAY).days for day, _ in by_day]
            self._cents_per_minor[code] = [(Fraction(rate) * scale).as_integer_ratio() for _, rate in by_day]

    def _ratio(self, at: tuple[str, int]) -> tuple[int, int]:
        """US cents for one minor unit of a currency on a day since 1970."""
        currency, day = at
        entry = max(bisect_right(self._from_days[currency], day) - 1, 0)
        return self._cents_per_minor[currency][entry]

    def codes(self) -> tuple[str, ...]:
        return tuple(self._from_days)

    def all_usd_minor(self, amounts: Sequence[int], currencies: Sequence[str], event_ms: Sequence[int]) -> list[int]:
        """`usd_minor` of each."""
        each = zip(amounts, currencies, event_ms, strict=True)
        return [amount if currency == "USD" else self.usd_minor(amount, currency, ms) for amount, currency, ms in each]

    def usd_minor(self, amount_minor: int, currency: str, event_ms: int) -> int:
        """`amount_minor` of `currency` in US cents at the rate of the event's UTC day, rounded half to even.

        Days before the first entry take the first rate.
        """
        if currency == "USD":
            return amount_minor
        numerator, denominator = self._ratios[currency, event_ms // _DAY_MS]
        return half_even(amount_minor * numerator, denominator)


def half_even(numerator: int, denominator: int) -> int:
    """The quotient as a whole number, rounded half to even; neither may be negative."""
    whole, rest = divmod(numerator, denominator)
    return whole + (2 * rest > denominator or (2 * rest == denominator and whole % 2 == 1))
