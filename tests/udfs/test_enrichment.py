"""What is added to a decision, against the oracle."""

from __future__ import annotations

from typing import Any

import orjson
from hypothesis import given
from hypothesis import strategies as st

from contracts import reader
from tests.oracle import references as oracle
from udfs import enrichment
from udfs.currency import Rates
from udfs.enrichment import Asked
from udfs.times import iso_ms

ENRICHMENT = enrichment.from_contracts()
NOW_MS = 1_800_000_000_000
DAY_MS = 86_400_000
moments = st.integers(1_500_000_000_000, 1_800_000_000_000)
currencies = st.sampled_from(sorted(reader.currencies()))
amounts = st.integers(1, 99_999_999_999)
held = {
    "customer_segments": st.sampled_from(["salary", "student"]),
    "merchant_risks": st.sampled_from(["low", "high"]),
    "exchange_rates": st.from_regex(r"[1-9][0-9]{0,3}(\.[0-9]{1,12})?", fullmatch=True),
}


def packed(since_ms: int, value: str) -> bytes:
    return since_ms.to_bytes(8, "little", signed=True) + value.encode()


@given(amounts, currencies, moments, st.fixed_dictionaries({}, optional=held), st.integers(0, 10**12))
def test_fields_are_those_of_the_oracle(
    amount: int, currency: str, event_ms: int, found: dict[str, str], age_ms: int
) -> None:
    decision: dict[str, Any] = {
        "customer_id": "c",
        "merchant_id": "m",
        "currency": currency,
        "amount_minor": amount,
        "event_time": iso_ms(event_ms),
    }
    since_ms = event_ms - age_ms
    known = {(name, decision[oracle.VALUES[name][0]]): {since_ms: value} for name, value in found.items()}
    answers = {name: packed(since_ms, value) for name, value in found.items()}
    fields = ENRICHMENT.fields(Asked(event_ms, currency, amount), answers, NOW_MS)
    assert fields.pop("enriched_at") == iso_ms(NOW_MS)
    assert fields == oracle.enrichment(decision, known)


@given(amounts, currencies, moments)
def test_without_a_rate_the_amount_is_the_one_that_was_decided_on(amount: int, currency: str, event_ms: int) -> None:
    fields = ENRICHMENT.fields(Asked(event_ms, currency, amount), {}, NOW_MS)
    assert fields["amount_at_rate_usd_minor"] == Rates(reader.currencies()).usd_minor(amount, currency, event_ms)


def test_fields_are_added_to_the_decision_as_it_stands() -> None:
    decision = b'{"a":1.50,"b":{"c":[1]}}\n'
    enriched = enrichment.enriched(decision, {"d": "é", "e": []})
    assert enriched == '{"a":1.50,"b":{"c":[1]},"d":"é","e":[]}'.encode()
    assert orjson.loads(enriched) == {"a": 1.5, "b": {"c": [1]}, "d": "é", "e": []}
