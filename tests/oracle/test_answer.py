"""Dispositions, rules and money, computed by hand."""

from __future__ import annotations

import json

import pytest

from tests.oracle import Money, answer
from tests.oracle.examples import NOON, body, log
from tests.oracle.facts import usd_minor


@pytest.mark.parametrize(
    ("amount", "currency", "cents"),
    [
        (80_001, "USD", 80_001),
        (10_000, "JPY", 6_600),
        (1_000, "KWD", 326),
        (125, "EUR", 145),
        (10_001, "BRL", 1_800),
        (25, "BRL", 4),  # 4.5 cents, half to even
        (75, "BRL", 14),  # 13.5 cents
    ],
)
def test_dollars_at_the_rate_of_the_day(amount: int, currency: str, cents: int) -> None:
    assert usd_minor(amount, currency, NOON) == cents


def test_the_rate_changes_at_midnight() -> None:
    new_year = 1_767_225_600_000
    assert usd_minor(10_000, "CHF", new_year - 1) == 10_200
    assert usd_minor(10_000, "CHF", new_year) == 12_400


def test_high_value_is_above_800_dollars() -> None:
    found = answer(log(body(1, amount_minor=80_000), body(2, 60_000, amount_minor=80_001)))
    assert [each.outcome for each in found.decisions] == ["approve", "review"]
    assert found.alerts == found.decisions[1:]
    assert found.alerts[0].verdict == ("review", "medium", ("high_value",), 1)


def test_velocity_is_more_than_three_within_ten_seconds() -> None:
    times = [0, 3_000, 6_000, 10_000, 16_001]
    found = answer(log(*[body(number, after_ms) for number, after_ms in enumerate(times)]))
    assert [each.features[0] for each in found.decisions] == [1, 2, 3, 4, 2]
    assert [each.outcome for each in found.decisions] == ["approve"] * 3 + ["review", "approve"]
    spread = answer(log(*[body(number, after_ms) for number, after_ms in enumerate([0, 3_000, 6_000, 10_001])]))
    assert not spread.alerts


def test_both_block() -> None:
    amounts = [1_000, 1_000, 1_000, 80_001]
    found = answer(log(*[body(number, number, amount_minor=amount) for number, amount in enumerate(amounts)]))
    assert found.decisions[3].verdict == ("block", "critical", ("high_value", "card_velocity"), 1)


def test_backlog_of_old_transactions_raises_nothing() -> None:
    found = answer(log(*[body(number, -60_000 * number) for number in range(20)]))
    assert len(found.decisions) == 20
    assert not found.alerts


def test_repeat_with_other_layout_is_a_duplicate_and_no_history() -> None:
    other = json.dumps(
        dict(reversed(body(1, device_id=..., note="x", event_time="2026-01-05T12:00:00Z").items())), indent=2
    )
    found = answer(log(body(1), other.encode(), body(1), body(2)))
    assert [(each.at, each.first) for each in found.duplicates] == [((0, 1), (0, 0)), ((0, 2), (0, 0))]
    assert [each.features[0] for each in found.decisions] == [1, 2]


def test_same_id_with_other_body_is_a_conflict_and_the_first_stands() -> None:
    found = answer(log(body(1), body(1, amount_minor=5), body(1), body(1, customer_id="c-2")))
    assert found.quarantined == [((0, 1), "conflict", "transaction_id", "history")]
    assert [each.at for each in found.duplicates] == [(0, 2)]
    assert [each.at for each in found.decisions] == [(0, 0), (0, 3)]


def test_invalid_first_does_not_take_the_id() -> None:
    found = answer(log(body(1, amount_minor=0), body(1)))
    assert [each.at for each in found.decisions] == [(0, 1)]


def test_order_of_reading_partitions_does_not_matter() -> None:
    records = log(body(1), body(2), body(1))
    assert answer(reversed(records)) == answer(records)


def test_money_balances_per_currency() -> None:
    found = answer(
        log(
            body(1),
            body(1),
            body(1, amount_minor=7),
            body(2, amount_minor=-20),
            body(3, channel="fax", currency="JPY", amount_minor=300),
            body(4, amount_minor="5"),
            body(5, amount_minor=12.5),
            body(6, currency="XXX"),
            b"{",
        )
    )
    assert found.money == {
        "USD": Money(incoming=1_987, valid=1_000, quarantined=-13, duplicate=1_000),
        "JPY": Money(incoming=300, quarantined=300),
    }
    assert len(found.decisions) + len(found.quarantined) + len(found.duplicates) == 9
