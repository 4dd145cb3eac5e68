"""What a message of a reference says, and what is wrong with one that breaks its contract."""

from __future__ import annotations

from typing import Any

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from contracts import reader
from udfs import references
from udfs.references import NAMES, Version, message, read, table
from udfs.times import parse_ms
from udfs.validation import Problem

RISKS = table("merchant_risks")
SINCE = "2026-01-05T08:00:00.000Z"
KEY = b'{"merchant_id":"m-1","valid_from":"2026-01-05T08:00:00.000Z"}'
MOMENTS = st.integers(0, 4_000_000_000_000)
VERSIONS = {
    "customer_segments": st.builds(
        Version, st.from_regex(r"[a-z0-9-]{1,12}", fullmatch=True), MOMENTS, st.sampled_from(["salary", None])
    ),
    "merchant_risks": st.builds(
        Version, st.sampled_from(["m-1", "m:2"]), MOMENTS, st.sampled_from(["low", "high", None])
    ),
    "exchange_rates": st.builds(
        Version, st.sampled_from(["EUR", "JPY"]), MOMENTS, st.sampled_from(["1.16", "0.0066", None])
    ),
}


def risk(**changes: Any) -> bytes:
    fields = {"merchant_id": "m-1", "valid_from": SINCE, "merchant_risk": "high"} | changes
    return orjson.dumps({name: value for name, value in fields.items() if value is not ...})


@pytest.mark.parametrize("name", NAMES)
@given(st.data())
def test_what_is_written_is_read(name: str, data: st.DataObject) -> None:
    version = data.draw(VERSIONS[name])
    assert read(table(name), *message(table(name), version)) == version


def test_each_version_has_a_key_of_its_own_that_compaction_keeps() -> None:
    assert message(RISKS, Version("m-1", parse_ms(SINCE) or 0, "high")) == (KEY, risk())
    assert message(RISKS, Version("m-1", parse_ms(SINCE) or 0, None)) == (KEY, None)


@pytest.mark.parametrize(
    ("key", "value", "reason", "field"),
    [
        (KEY, b"{", "not_json", None),
        (KEY, b"[]", "not_json", None),
        (KEY, b"\xff", "not_json", None),
        (KEY, risk(merchant_risk=...), "missing_field", "merchant_risk"),
        (KEY, risk(merchant_risk=None), "missing_field", "merchant_risk"),
        (KEY, risk(merchant_risk="unknown"), "bad_format", "merchant_risk"),
        (KEY, risk(merchant_risk=3), "wrong_type", "merchant_risk"),
        (KEY, risk(valid_from="2026-01-05"), "bad_format", "valid_from"),
        (KEY, risk(valid_from="2026-01-05T08:00:00+01:00"), "bad_format", "valid_from"),
        (KEY, risk(merchant_id="4000-0000-0000-0002"), "card_number_misplaced", "merchant_id"),
        (KEY, risk(merchant_id="m-2"), "bad_format", "key"),
        (b"m-1", risk(), "bad_format", "key"),
        (None, risk(), "bad_format", "key"),
        (None, None, "not_json", None),
        (b"m-1", None, "not_json", None),
        (b'{"merchant_id":"m-1"}', None, "missing_field", "valid_from"),
        (KEY.replace(b",", b", "), None, "bad_format", "key"),
    ],
)
def test_what_breaks_the_contract_has_a_reason(key: bytes | None, value: bytes | None, reason: str, field: str) -> None:
    found = read(RISKS, key, value)
    assert isinstance(found, Problem)
    assert (found.reason, found.field) == (reason, field)
    assert "4000" not in found.message


@pytest.mark.parametrize("rate", ["0", "0.000", "-1", "1,16", "1e3", "12345", ".5", "NaN"])
def test_a_rate_is_a_number_above_zero(rate: str) -> None:
    rates = table("exchange_rates")
    content = {"currency": "EUR", "valid_from": SINCE, "usd_rate": rate}
    found = references.checked(rates, content)
    assert isinstance(found, Problem)
    assert (found.reason, found.field) == ("bad_format", "usd_rate")


def test_a_currency_without_decimals_is_refused() -> None:
    found = references.checked(table("exchange_rates"), {"currency": "XAU", "valid_from": SINCE, "usd_rate": "1"})
    assert isinstance(found, Problem)
    assert found.reason == "unknown_currency"


def test_reasons_and_fields_stand_in_the_contracts() -> None:
    quarantine = {each.name: each for each in reader.load("quarantine").fields}
    assert {"not_json", "missing_field", "bad_format"} <= set(quarantine["reason"].options["enum"])
    assert "references" in quarantine["step"].options["enum"]
    added = set(reader.load("enriched_decisions").names()) - set(reader.load("decisions").names())
    values = {table(name).value.name for name in NAMES}
    assert added == values | {f"{each}_valid_from" for each in values} | {
        "amount_at_rate_usd_minor",
        "defaulted",
        "enriched_at",
    }
