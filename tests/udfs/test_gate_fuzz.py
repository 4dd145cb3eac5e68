"""The short version of `make fuzz`, and what it has found once."""

from __future__ import annotations

from collections import Counter

import pytest

from tests.udfs import gate_fuzz
from tests.udfs.transactions import message

INPUTS = 20_000


def test_no_message_breaks_the_gate_or_gets_a_card_number_through() -> None:
    seen = gate_fuzz.run(INPUTS, seed=1)
    assert seen.total() >= INPUTS
    assert {"accepted", "not_json", "bad_format", "card_number_misplaced", "wrong_type"} <= set(seen)


@pytest.mark.parametrize(
    "value",
    [
        message(merchant_id="x-4000-0012-3456-7899-y"),
        message(merchant_category=".:4000-0012-3456-7899"),
        message(amount_minor=4000001234567899.0),
        message(amount_minor=-4000001234567899.5),
    ],
)
def test_what_was_found(value: bytes) -> None:
    gate_fuzz.hold([value], Counter())
