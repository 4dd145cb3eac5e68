"""Right books are found right; of wrong ones, every penny is named."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from udfs.ledger.entries import Booked, ControlTotal, Decided, Entry
from udfs.ledger.validation import Verdict, validate

DAY = date(2026, 11, 20)


def pair(transaction: str, amount: int, currency: str = "USD") -> tuple[Entry, ...]:
    sides = (("merchant", "credit"), ("cardholder", "debit"))
    return tuple(
        Entry(f"{transaction}/{side}", "c", transaction, account, side, amount, currency, 0) for account, side in sides
    )


def approved(number: int, amount: int = 1_000, currency: str = "USD", **changes: Any) -> Booked:
    name = f"t{number:03}"
    whole = Booked("c", name, pair(name, amount, currency), Decided(DAY, "approve", amount, currency))
    return whole._replace(**changes)


def stated(transactions: Iterable[Booked]) -> list[ControlTotal]:
    entries = [entry for each in transactions for entry in each.entries]
    return [
        ControlTotal(
            str(currency),
            sum(each.currency == currency for each in entries),
            *(
                sum(each.amount_minor or 0 for each in entries if (each.currency, each.side) == (currency, side))
                for side in ("debit", "credit")
            ),
        )
        for currency in {each.currency for each in entries}
    ]


def judged(*transactions: Booked, controls: list[ControlTotal] | None = None) -> Verdict:
    return validate(transactions, stated(transactions) if controls is None else controls, DAY, 100)


books = st.lists(st.tuples(st.integers(1, 10**12), st.sampled_from(["USD", "EUR", "JPY"])), min_size=1, max_size=8).map(
    lambda drawn: [approved(number, amount, currency) for number, (amount, currency) in enumerate(drawn)]
)


@given(books)
def test_right_books_are_sound(drawn: list[Booked]) -> None:
    verdict = judged(*drawn)
    assert verdict.sound
    assert verdict.entries == 2 * len(drawn)
    assert judged(*drawn) == verdict


@given(books, st.data(), st.integers(1, 10**6))
def test_a_shift_is_named_to_the_penny(drawn: list[Booked], data: st.DataObject, minor: int) -> None:
    at = data.draw(st.integers(0, len(drawn) - 1))
    shifted = tuple(each._replace(amount_minor=(each.amount_minor or 0) + minor) for each in drawn[at].entries)
    (finding,) = judged(*drawn[:at], drawn[at]._replace(entries=shifted), *drawn[at + 1 :]).findings
    assert (finding.problem, finding.transaction_id, finding.difference) == ("amount", drawn[at].transaction_id, minor)
    against_totals = judged(
        *drawn[:at], drawn[at]._replace(entries=shifted), *drawn[at + 1 :], controls=stated(drawn)
    ).findings[1:]
    assert [(each.problem, each.difference) for each in against_totals] == [
        ("control_debit", minor),
        ("control_credit", minor),
    ]


@given(books, st.data())
def test_a_lost_transaction_is_missing_with_its_amount(drawn: list[Booked], data: st.DataObject) -> None:
    at = data.draw(st.integers(0, len(drawn) - 1))
    (finding,) = judged(*drawn[:at], drawn[at]._replace(entries=()), *drawn[at + 1 :]).findings
    amount = drawn[at].decided.amount_minor  # type: ignore[union-attr]
    assert (finding.problem, finding.difference, finding.entries) == ("missing", -amount, ())


USD, BLOCKED = Decided(DAY, "approve", 1_000, "USD"), Decided(DAY, "block", 1_000, "USD")
REVIEWED = Decided(DAY, "review", 1_000, "USD")
YESTERDAY = Decided(DAY - timedelta(days=1), "approve", 1_000, "USD")
REVERSED = (
    *pair("t000", 1_000),
    *(each._replace(entry_id=f"back-{each.entry_id}", side={"debit": "credit", "credit": "debit"}[each.side or ""])
      for each in pair("t000", 1_000)),
)  # fmt: skip


@pytest.mark.parametrize(
    ("changes", "found"),
    [
        ({"decided": None}, [("orphaned", "USD", 1_000)]),
        ({"decided": YESTERDAY}, [("other_day", "USD", 1_000)]),
        ({"decided": BLOCKED}, [("blocked", "USD", 1_000)]),
        ({"decided": BLOCKED, "entries": ()}, []),
        ({"decided": BLOCKED, "entries": REVERSED}, []),
        ({"decided": REVIEWED}, []),
        ({"decided": REVIEWED, "entries": ()}, []),
        ({"decided": REVIEWED, "entries": pair("t000", 999)}, [("amount", "USD", -1)]),
        ({"entries": pair("t000", 1_000, "EUR")}, [("amount", "EUR", 1_000), ("amount", "USD", -1_000)]),
        ({"entries": pair("t000", 1_000) + pair("t000", 1_000)}, [("amount", "USD", 1_000)]),
        ({"entries": REVERSED}, [("amount", "USD", -1_000)]),
        ({"entries": pair("t000", 1_000)[:1]}, [
            ("unbalanced", "USD", 1_000), ("amount", "USD", -1_000), ("ledger_balance", "USD", 1_000),
        ]),
    ],
)  # fmt: skip
def test_each_mismatch_has_its_name(changes: dict[str, Any], found: list[tuple[str, str, int]]) -> None:
    verdict = judged(approved(0)._replace(**changes))
    assert [(each.problem, each.currency, each.difference) for each in verdict.findings] == found


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"account": "bank"}, "account is none of cardholder, merchant"),
        ({"amount_minor": 0}, "amount_minor is 0, less than 1"),
        ({"amount_minor": None, "side": ""}, "side is missing; amount_minor is missing"),
        ({"currency": "XXY"}, "currency is not in contracts/currencies.yaml"),
    ],
)
def test_an_entry_that_breaks_its_contract_is_named(changes: dict[str, Any], message: str) -> None:
    first, second = approved(0).entries
    finding = judged(approved(0, entries=(first._replace(**changes), second))).findings[0]
    assert (finding.problem, finding.entries, finding.message) == ("invalid_entry", (first.entry_id,), message)


def test_what_the_control_totals_miss_is_said_of_each_currency() -> None:
    verdict = judged(approved(0), controls=[ControlTotal("EUR", 0, 0, 0), ControlTotal("JPY", 2, 5, 5)])
    assert [(each.problem, each.currency, each.difference) for each in verdict.findings] == [
        ("control_entries", "JPY", -2),
        ("control_debit", "JPY", -5),
        ("control_credit", "JPY", -5),
        ("control_entries", "USD", 2),
        ("control_debit", "USD", 1_000),
        ("control_credit", "USD", 1_000),
    ]


def test_all_findings_count_and_the_first_are_kept() -> None:
    gone = [approved(number, entries=()) for number in range(5)]
    verdict = validate(gone, [], DAY, 2)
    assert [each.transaction_id for each in verdict.findings] == ["t000", "t001"]
    assert verdict.counts == {"missing": 5}
    assert verdict.findings_digest != validate(gone[:4], [], DAY, 2).findings_digest
