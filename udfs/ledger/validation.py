"""Holds a day's books against the system's own control totals, against themselves, and against what was decided."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import NamedTuple

from udfs.ledger.entries import CARDHOLDER, CREDIT, DEBIT, Booked, ControlTotal, Decided, Entry, problems

BLOCK, APPROVE = "block", "approve"


class Finding(NamedTuple):
    """A mismatch. Amounts are minor units of `currency`, for `control_entries` numbers of entries.

    `difference` is what was found less what was expected. `entries` are the ids of the rows that it stands on.
    """

    problem: str
    customer_id: str | None
    transaction_id: str | None
    currency: str | None
    expected: int | None
    found: int | None
    entries: tuple[str, ...]
    message: str

    @property
    def difference(self) -> int | None:
        return None if self.expected is None or self.found is None else self.found - self.expected


class Total(NamedTuple):
    """Of the entries of one currency."""

    entries: int = 0
    debit_minor: int = 0
    credit_minor: int = 0


@dataclass
class Verdict:
    """What a day's books came to. `findings` has the first of each problem, `counts` counts all of them.

    The digests tell two days' books, or two lists of all findings, apart: equal content has equal digests.
    """

    findings: list[Finding] = field(default_factory=list)
    counts: Counter[str] = field(default_factory=Counter)
    totals: dict[str, Total] = field(default_factory=dict)
    entries_digest: str = ""
    findings_digest: str = ""

    @property
    def sound(self) -> bool:
        return not self.counts

    @property
    def entries(self) -> int:
        return sum(each.entries for each in self.totals.values())


def validate(transactions: Iterable[Booked], controls: Sequence[ControlTotal], day: date, most_named: int) -> Verdict:
    """The verdict on the books of one UTC day, in memory that does not grow with them.

    `transactions` come in the order of customer and transaction id, each once: all that have an entry in the day's
    books, and all whose event lies on the day. Of each problem, `most_named` findings are kept.
    """
    verdict = Verdict()
    books, said = hashlib.sha256(), hashlib.sha256()

    def note(finding: Finding) -> None:
        said.update(repr(tuple(finding)).encode())
        verdict.counts[finding.problem] += 1
        if verdict.counts[finding.problem] <= most_named:
            verdict.findings.append(finding)

    for transaction in transactions:
        for entry in transaction.entries:
            books.update(repr(tuple(entry)).encode())
            _add(verdict.totals, entry)
        for finding in _of_transaction(transaction, day):
            note(finding)
    for finding in _of_totals(verdict.totals, controls):
        note(finding)
    verdict.entries_digest, verdict.findings_digest = books.hexdigest(), said.hexdigest()
    return verdict


def _add(totals: dict[str, Total], entry: Entry) -> None:
    """Every entry counts, a wrong one with what can be read of it."""
    currency, amount = entry.currency or "", entry.amount_minor or 0
    before = totals.get(currency, Total())
    totals[currency] = Total(
        before.entries + 1,
        before.debit_minor + (amount if entry.side == DEBIT else 0),
        before.credit_minor + (amount if entry.side == CREDIT else 0),
    )


def _of_transaction(each: Booked, day: date) -> Iterator[Finding]:
    who = (each.customer_id or None, each.transaction_id or None)
    wrong = [(entry, "; ".join(found)) for entry in each.entries if (found := list(problems(entry)))]
    for entry, trouble in wrong:
        ids = (entry.entry_id or "",)
        yield Finding("invalid_entry", *who, entry.currency, None, entry.amount_minor, ids, trouble)
    if wrong:  # what its transaction comes to can't be told
        return
    booked = {currency: list(_in_currency(each.entries, currency)) for currency in _currencies(each.entries)}
    for currency, entries in booked.items():
        yield from _balance(who, currency, entries)
    yield from _against_decision(each, who, booked, day)


def _currencies(entries: Iterable[Entry]) -> list[str]:
    return sorted({entry.currency for entry in entries if entry.currency is not None})


def _in_currency(entries: Iterable[Entry], currency: str) -> Iterator[Entry]:
    return (entry for entry in entries if entry.currency == currency)


def _sum(entries: Iterable[Entry], side: str) -> int:
    return sum(entry.amount_minor or 0 for entry in entries if entry.side == side)


def _net(entries: Iterable[Entry]) -> int:
    """What the cardholder was debited in the end: an entry may have been reversed by another."""
    own = [entry for entry in entries if entry.account == CARDHOLDER]
    return _sum(own, DEBIT) - _sum(own, CREDIT)


def _ids(entries: Iterable[Entry]) -> tuple[str, ...]:
    return tuple(entry.entry_id or "" for entry in entries)


def _balance(who: tuple[str | None, str | None], currency: str, entries: Sequence[Entry]) -> Iterator[Finding]:
    debit, credit = _sum(entries, DEBIT), _sum(entries, CREDIT)
    if debit != credit:
        text = "its credits are not its debits"
        yield Finding("unbalanced", *who, currency, debit, credit, _ids(entries), text)


def _against_decision(
    each: Booked, who: tuple[str | None, str | None], booked: dict[str, list[Entry]], day: date
) -> Iterator[Finding]:
    decided = each.decided
    if decided is None or decided.day != day:
        problem, text = ("orphaned", "it is booked, and the warehouse knows no such transaction")
        if decided is not None:
            problem, text = ("other_day", f"it is booked on {day} and happened on {decided.day}")
        for currency, entries in booked.items():
            yield Finding(problem, *who, currency, 0, _net(entries), _ids(entries), text)
        return
    for currency in sorted({*booked, decided.currency}):
        entries = booked.get(currency, [])
        allowed, found = _allowed(decided, currency), _net(entries)
        if found not in allowed:
            problem, text = _worded(each, decided)
            yield Finding(problem, *who, currency, allowed[0], found, _ids(entries), text)


def _allowed(decided: Decided, currency: str) -> tuple[int, ...]:
    """What the cardholder may have been debited: an approved amount, a blocked one never, a reviewed one perhaps."""
    if currency != decided.currency or decided.outcome == BLOCK:
        return (0,)
    return (decided.amount_minor,) if decided.outcome == APPROVE else (decided.amount_minor, 0)


def _worded(each: Booked, decided: Decided) -> tuple[str, str]:
    if not each.entries:
        return "missing", "it was approved and is not booked"
    if decided.outcome == BLOCK:
        return "blocked", "it was blocked and is booked"
    return "amount", "another amount is booked than was decided on"


def _of_totals(totals: dict[str, Total], controls: Sequence[ControlTotal]) -> Iterator[Finding]:
    stated = {each.currency: Total(*each[1:]) for each in controls}
    for currency in sorted({*totals, *stated}):
        found, expected = totals.get(currency, Total()), stated.get(currency, Total())
        text = "the control total of the closed day says otherwise than its entries"
        for name, one, other in zip(("entries", "debit", "credit"), expected, found, strict=True):
            if one != other:
                yield Finding(f"control_{name}", None, None, currency or None, one, other, (), text)
        if found.debit_minor != found.credit_minor:
            debit, credit = found.debit_minor, found.credit_minor
            yield Finding(
                "ledger_balance", None, None, currency or None, debit, credit, (), "debits and credits differ"
            )
