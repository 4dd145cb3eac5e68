"""Each reason once, at its boundary, as a person reads it from the contract."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.oracle import answer
from tests.oracle.examples import CARD, body, log
from tests.oracle.validation import luhn

DAY_MS = 86_400_000


def verdict(value: bytes | dict[str, Any]) -> tuple[str, str | None] | None:
    found = answer(log(value)).quarantined
    return (found[0].reason, found[0].field) if found else None


@pytest.mark.parametrize(
    "value",
    [
        b"",
        b"{",
        b"[]",
        b"null",
        b"\xff\xfe",
        b'{"a":NaN}',
        b'{"a":-Infinity}',
        b'{"a":4E400}',
        b'{"a":"\\ud800"}',
        b'{"a":' + b"[" * 10_000 + b"]" * 10_000 + b"}",
    ],
)
def test_no_json_object(value: bytes) -> None:
    assert verdict(value) == ("not_json", None)


def test_size_limit_is_inclusive() -> None:
    text = json.dumps(body()).encode()
    assert verdict(text.ljust(65_536)) is None
    assert verdict(text.ljust(65_537)) == ("too_large", None)


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"transaction_id": ...}, "missing_field"),
        ({"country": None}, "missing_field"),
        ({"transaction_id": 17}, "wrong_type"),
        ({"amount_minor": "10"}, "wrong_type"),
        ({"amount_minor": True}, "wrong_type"),
        ({"amount_minor": 12.5}, "too_many_decimals"),
        ({"amount_minor": 12.0}, "too_many_decimals"),
        ({"amount_minor": 2**64}, "out_of_range"),
        ({"amount_minor": 1e22}, "out_of_range"),
        ({"amount_minor": 0}, "out_of_range"),
        ({"amount_minor": -1}, "out_of_range"),
        ({"amount_minor": 100_000_000_000}, "out_of_range"),
        ({"currency": "usd"}, "bad_format"),
        ({"currency": "XXX"}, "unknown_currency"),
        ({"country": "US\n"}, "bad_format"),
        ({"channel": "fax"}, "bad_format"),
        ({"transaction_id": "a" * 65}, "bad_format"),
        ({"device_id": ""}, "bad_format"),
        ({"event_time": "2026-01-05T12:00:00"}, "bad_format"),
        ({"event_time": "2026-01-05T12:00:00.1234Z"}, "bad_format"),
        ({"event_time": "2026-02-30T12:00:00Z"}, "bad_format"),
        ({"card_number": "4000000000000003"}, "bad_check_digit"),
        ({"card_number": "4000 0000 0000 0002"}, "bad_format"),
        ({"card_number": "٤٠٠٠٠٠٠٠٠٠٠٠٠٠٠٢"}, "bad_format"),
        ({"merchant_id": CARD}, "card_number_misplaced"),
        ({"merchant_id": "x-4000-0000-0000-0002"}, "card_number_misplaced"),
        ({"device_id": "4000_0000_0000_0002"}, "card_number_misplaced"),
    ],
)
def test_one_field_is_wrong(change: dict[str, Any], reason: str) -> None:
    assert verdict(body(**change)) == (reason, next(iter(change)))


@pytest.mark.parametrize(
    "change",
    [
        {"device_id": ...},
        {"amount_minor": 99_999_999_999},
        {"event_time": "2026-01-05T12:00:00Z"},
        {"event_time": "2026-01-05T12:00:00.5Z"},
        {"merchant_id": "123456789012"},
        {"merchant_id": "4000-0000.0000-0002"},
        {"merchant_id": "4000-0000-0000-00021234"},
        {"note": CARD},
    ],
)
def test_nothing_is_wrong(change: dict[str, Any]) -> None:
    assert verdict(body(**change)) is None


@pytest.mark.parametrize(
    ("after_ms", "expected"),
    [
        (-7 * DAY_MS, None),
        (-7 * DAY_MS - 1, ("too_old", "event_time")),
        (300_000, None),
        (300_001, ("in_the_future", "event_time")),
    ],
)
def test_clock_bounds_are_inclusive(after_ms: int, expected: tuple[str, str] | None) -> None:
    assert verdict(body(after_ms=after_ms)) == expected


def test_precedence() -> None:
    assert verdict(body(CVV="123", transaction_id=...)) == ("prohibited_field", "cvv")
    assert verdict(body(customer_id=1, transaction_id=...)) == ("missing_field", "transaction_id")
    assert verdict(body(after_ms=400_000, channel="fax")) == ("bad_format", "channel")
    assert verdict(body(after_ms=400_000, merchant_id=CARD)) == ("in_the_future", "event_time")


def test_luhn() -> None:
    assert luhn("79927398713")
    assert not any(luhn(f"7992739871{digit}") for digit in "012456789")
