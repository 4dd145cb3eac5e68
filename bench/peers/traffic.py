"""The transactions that all systems get: those of the generator, in US dollars."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import orjson

from contracts import reader
from sluice.feed.generate import Traffic
from udfs.currency import Rates

START = datetime(2026, 1, 5, tzinfo=UTC)
START_MS = round(START.timestamp() * 1_000)
SECONDS_OF_A_VISIT = 25  # a card's next transaction comes so long after, on average
SHORTEST_SECONDS = 600
FRAUD_RATE = 0.05  # some 4 % of the transactions are flagged then


def messages(transactions: int, cards: int, seed: int) -> Iterator[tuple[bytes, bytes]]:
    """Key and value, in order of event time; the same arguments give the same bytes.

    Whole messages of the contract, because to read the fields that matter among those that don't is part of the job.
    Amounts are converted, so that no system needs a table of rates.
    """
    span = timedelta(seconds=max(transactions / cards * SECONDS_OF_A_VISIT, SHORTEST_SECONDS))
    rates = Rates(reader.currencies())
    for each in Traffic(transactions, cards=cards, seed=seed, start=START, duration=span, fraud_rate=FRAUD_RATE):
        value = orjson.loads(each.value)
        # Rates change by the day; the first day's serve all.
        value["amount_minor"] = max(rates.usd_minor(value["amount_minor"], value["currency"], START_MS), 1)
        value["currency"] = "USD"
        yield each.key, orjson.dumps(value)
