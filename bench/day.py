"""The traffic that the jobs are measured with: a day of it, however fast it is sent."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from sluice.feed.generate import Traffic

USES_A_DAY = 10
"""Of a card, on average. Of cards that are used more often than people use them, most uses raise an alert."""
_DAY = timedelta(days=1)


def day(transactions: int, seed: int) -> Traffic:
    """The latest day's transactions, over as many cards as make so many."""
    cards = max(transactions // USES_A_DAY, 1)
    return Traffic(transactions, cards=cards, seed=seed, start=datetime.now(UTC) - _DAY, duration=_DAY)
