"""What a rule may not say."""

from __future__ import annotations

import pytest

from udfs.rule_language.check import check
from udfs.rule_language.syntax import parse
from udfs.rule_language.tokens import ExpressionError
from udfs.rule_language.values import catalogue

LISTS = {"risky": ("7995", "6051"), "wrong": ("79",)}


@pytest.mark.parametrize(
    "expression",
    [
        "amount_usd > 800.00 USD",
        "card.count_10s > 3 and amount_usd > 800 USD",
        "card.since_last < 10 s or card.since_last > 30 d",
        "amount_usd > 5 * card.sum_7d / card.count_7d",
        "card.sum_1h / card.sum_7d > 0.5 and country in ['DE', 'FR']",
        "merchant_category in risky and device_id == missing",
        "channel not in ['pos', 'atm']",
        "card.count_24h - card.merchants_24h >= 5",
        "amount_usd == amount_usd * 1",
        "customer.cards_1h > 3 and terminal.sum_10m / terminal.count_10m < 5 USD",
        "device.count_24h == 0 or device.since_last > 1 h",
    ],
)
def test_what_can_be_meant_passes(expression: str) -> None:
    if "/ card.sum_7d" in expression:
        expression = f"card.sum_7d > 0 USD and {expression}"
    check(parse(expression), catalogue(), LISTS)


@pytest.mark.parametrize(
    ("expression", "words"),
    [
        ("amoun_usd > 3 USD", "unknown value 'amoun_usd'; did you mean amount_usd"),
        ("card.count_10 > 3", "unknown value 'card.count_10'; did you mean card.count_10s"),
        ("device.countries_1h > 3", "unknown value 'device.countries_1h'; did you mean"),
        ("customer.count_1h >= 1", "always holds"),
        ("device.sum_1h / device.count_1h > 5 USD", "this may divide by zero"),
        ("terminal.sum_1h > 5", "between USD and a number without a unit"),
        ("nonsense > 3", "`sluice rules values` lists what there is"),
        ("amount_usd > 800", "> between USD and a number without a unit; write limits with their unit"),
        ("amount_usd > 800 EUR", "amounts are compared in US dollars: give the limit in USD, not in EUR"),
        ("amount_usd > 8.005 USD", "8.005 USD is not a whole number of cents"),
        ("amount > 800.00 USD", "amount is in the transaction's own currency; use amount_usd"),
        ("card.since_last > 3", "> between a number without a unit and ms"),
        ("card.since_last > 3 weeks", "'weeks' is no unit; there are USD, ms, s, min, h, d"),
        ("amount_usd * card.sum_1h > 3 USD", "USD * USD is nothing that can be compared; divide like by like"),
        ("card.count_1h / amount_usd > 3", "a number / USD is nothing"),
        ("card.sum_1h / card.sum_7d > 0.5", "this may divide by zero; put a condition before it"),
        ("card.count_1h / (card.count_7d - 1) > 2", "this may divide by zero"),
        ("card.count_1h >= 1", "this always holds"),
        ("card.count_1h < 1", "this never holds"),
        ("card.count_1h > 3 and card.count_1h < 3", "this never holds"),
        ("card.count_1h > 3 or card.count_1h <= 3", "this always holds"),
        ("card.count_1h > 3 or not card.count_1h > 5", "this always holds"),
        ("channel in ['pos', 'online', 'atm', 'transfer']", "this always holds"),
        ("3 > 2", "this always holds"),
        ("'a' == 'b'", "this never holds"),
        ("channel == 'shop'", "'shop' never occurs: channel is one of pos, online, atm, transfer"),
        ("country == 'Germany'", "'Germany' never occurs: country has the form"),
        ("merchant_category in wrong", "'79' never occurs"),
        ("merchant_category in riski", "unknown list 'riski'; lists of this file: risky, wrong"),
        ("country == missing", "country is never missing"),
        ("country > 'DE'", "texts have no order for >; use ==, != or in"),
        ("country == 3", "== can't compare these"),
        ("amount_usd in ['a']", "only a text field can be in a list"),
        ("amount_usd", "this is a value, not a condition"),
        ("not amount_usd", "a condition is needed here"),
        ("amount_usd > 3 USD and card.count_1h", "a condition is needed here"),
        ("(amount_usd > 3 USD) + 1 > 2", "a number is needed here"),
        ("card_number == '1'", "unknown value 'card_number'"),
    ],
)
def test_what_cant_be_meant_is_refused_with_a_hint(expression: str, words: str) -> None:
    with pytest.raises(ExpressionError) as refused:
        check(parse(expression), catalogue(), LISTS)
    assert words in str(refused.value)


def test_a_condition_before_it_makes_a_division_safe() -> None:
    for guard in ("card.sum_7d > 0 USD", "card.sum_7d != 0 USD", "not card.sum_7d <= 0 USD", "0.01 USD <= card.sum_7d"):
        check(parse(f"{guard} and amount_usd / card.sum_7d > 0.5"), catalogue(), {})
    check(parse("card.sum_7d == 0 USD or amount_usd / card.sum_7d > 0.5"), catalogue(), {})
    with pytest.raises(ExpressionError, match="divide by zero"):
        check(parse("card.sum_7d > 0 USD or amount_usd / card.sum_7d > 0.5"), catalogue(), {})
