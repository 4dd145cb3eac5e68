from __future__ import annotations

from datetime import date
from decimal import ROUND_HALF_EVEN, Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contracts import reader
from udfs.currency import RateError, Rates
from udfs.times import parse_ms

TABLE: dict[str, dict[str, Any]] = {
    "USD": {"decimals": 2, "usd_per_unit": {date(2015, 1, 1): "1"}},
    "JPY": {"decimals": 0, "usd_per_unit": {date(2015, 1, 1): "0.0091", date(2026, 1, 1): "0.0066"}},
    "KWD": {"decimals": 3, "usd_per_unit": {date(2015, 1, 1): "3.26"}},
}
LATE_2025, NEW_YEAR = parse_ms("2025-12-31T23:59:59.999Z") or 0, parse_ms("2026-01-01T00:00:00Z") or 0


def test_the_rate_of_the_day_counts() -> None:
    rates = Rates(TABLE)
    assert rates.usd_minor(100_000, "JPY", LATE_2025) == 91_000
    assert rates.usd_minor(100_000, "JPY", NEW_YEAR) == 66_000
    assert rates.usd_minor(100_000, "JPY", 0) == 91_000


def test_three_decimals_are_worth_a_tenth_each() -> None:
    assert Rates(TABLE).usd_minor(1_000, "KWD", NEW_YEAR) == 326


@given(st.integers(1, 99_999_999_999), st.sampled_from(sorted(TABLE)))
def test_rounding_is_half_to_even(amount: int, currency: str) -> None:
    rate = Decimal(TABLE[currency]["usd_per_unit"][max(TABLE[currency]["usd_per_unit"])])
    cents = Decimal(amount).scaleb(2 - TABLE[currency]["decimals"]) * rate
    assert Rates(TABLE).usd_minor(amount, currency, NEW_YEAR) == int(cents.quantize(Decimal(1), ROUND_HALF_EVEN))


def test_rates_must_be_above_zero() -> None:
    with pytest.raises(RateError, match="XXX"):
        Rates({"XXX": {"decimals": 2, "usd_per_unit": {date(2020, 1, 1): "0"}}})


def test_the_project_s_own_table_is_right() -> None:
    assert "USD" in Rates(reader.currencies()).codes()
