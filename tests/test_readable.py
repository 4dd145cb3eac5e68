"""Durations and counts read as a person would write them."""

from __future__ import annotations

import pytest

from sluice.readable import counted, short_token, since_last
from udfs.wording import duration


@pytest.mark.parametrize(
    ("milliseconds", "words"),
    [(0, "0 ms"), (7, "7 ms"), (4_500, "4 s 500 ms"), (60_000, "1 min"), (7_500_000, "2 h 5 min"), (86_400_001, "1 d")],
)
def test_durations_show_their_two_greatest_units(milliseconds: int, words: str) -> None:
    assert duration(milliseconds) == words


def test_counts_agree_with_their_unit() -> None:
    assert counted(1, "distinct countries") == "1 country"
    assert counted(1_200, "transactions") == "1,200 transactions"


def test_the_time_since_the_last_transaction_has_two_special_values() -> None:
    assert since_last(-1) == "the card's first transaction"
    assert since_last(0) == "not after the latest before it"
    assert since_last(61_000) == "1 min 1 s after the latest before it"


def test_only_long_tokens_are_shortened() -> None:
    assert short_token("k_1") == "k_1"
    assert short_token("0a0a0a0a_" + "cd" * 32) == "0a0a0a0a_cdcdcdcd…"
