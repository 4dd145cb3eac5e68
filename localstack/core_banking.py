"""What the stand-in for the core-banking system does of a day: books it and closes it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import date, datetime, timedelta
from typing import NamedTuple

import duckdb
import psycopg

from sluice.settings import PROJECT_ROOT
from udfs.times import moment

_TABLES = PROJECT_ROOT / "sql" / "postgres" / "core_banking.sql"
_APPROVED = (
    "select customer_id, transaction_id, amount_minor, currency, epoch_ms(event_time) from fct_transactions "
    "where superseded_at is null and outcome = 'approve' and event_date = $day order by customer_id, transaction_id"
)
BOOKED_AFTER = timedelta(seconds=5)


class Transaction(NamedTuple):
    """A transaction that was let through; the amount is in minor units."""

    customer_id: str
    transaction_id: str
    amount_minor: int
    currency: str
    event_time: datetime


class LedgerEntry(NamedTuple):
    """A row of the table `ledger_entries`, but for its booking date."""

    entry_id: str
    customer_id: str
    transaction_id: str
    account: str
    side: str
    amount_minor: int
    currency: str
    booked_at: datetime


def approved(connection: duckdb.DuckDBPyConnection, day: date) -> list[Transaction]:
    """The transactions of a UTC day that are approved, as the warehouse behind `connection` knows them now."""
    rows = connection.execute(_APPROVED, {"day": day}).fetchall()
    return [Transaction._make((*each[:-1], moment(each[-1]))) for each in rows]


def entries(transactions: Iterable[Transaction]) -> list[LedgerEntry]:
    """The cardholder's debit and the merchant's credit of each."""
    return [
        LedgerEntry(
            f"{each.customer_id}/{each.transaction_id}/{side}",
            each.customer_id,
            each.transaction_id,
            account,
            side,
            each.amount_minor,
            each.currency,
            each.event_time + BOOKED_AFTER,
        )
        for each in transactions
        for account, side in (("cardholder", "debit"), ("merchant", "credit"))
    ]


def close_day(address: str, day: date, booked: Sequence[LedgerEntry], closed_at: datetime) -> None:
    """Make `booked` all of the day's books, and close it with the control totals of that; nothing else is changed."""
    counts: Counter[tuple[str, str]] = Counter()
    for each in booked:
        counts[each.currency, "entries"] += 1
        counts[each.currency, each.side] += each.amount_minor
    totals = [
        (day, currency, counts[currency, "entries"], counts[currency, "debit"], counts[currency, "credit"])
        for currency in sorted({each.currency for each in booked})
    ]
    with psycopg.connect(address) as connection, connection.cursor() as cursor:
        cursor.execute(_TABLES.read_bytes())
        for statement in (
            b"delete from ledger_entries where booking_date = %s",
            b"delete from ledger_control_totals where booking_date = %s",
            b"delete from ledger_closed_days where booking_date = %s",
        ):
            cursor.execute(statement, [day])
        cursor.executemany(
            b"insert into ledger_entries values (%s, %s, %s, %s, %s, %s, %s, %s, %s)", [(*each, day) for each in booked]
        )
        cursor.execute(b"insert into ledger_closed_days values (%s, %s)", [day, closed_at])
        cursor.executemany(b"insert into ledger_control_totals values (%s, %s, %s, %s, %s)", totals)
