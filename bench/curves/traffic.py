"""Transactions of a day, laid on the cards as a point wants them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import UTC, datetime, timedelta
from itertools import cycle, repeat

import numpy as np

from bench.curves.points import CARDS, Input, Shape
from sluice.feed.cards import issue_cards
from sluice.feed.generate import Traffic

SPAN = timedelta(days=1)
_BEGIN, _END = b'"customer_id":', b'"amount_minor":'

Owner = tuple[bytes, bytes]
"""A customer, and the customer's card number."""


def messages(of: Input) -> Iterator[tuple[bytes, bytes]]:
    """Keys and values, always the same but for the day."""
    cards = of.cards if of.shape is Shape.usual else CARDS
    traffic = Traffic(of.transactions, cards=cards, seed=1, start=datetime.now(UTC) - SPAN, duration=SPAN)
    pairs = ((each.key, each.value) for each in traffic)
    if of.shape is Shape.in_turn:
        return _given_to(pairs, cycle(_owners(of.cards)))
    if of.shape is Shape.hot_card:
        return _given_to(pairs, cycle((next(_owners(1)), None)))
    return _given_to(pairs, repeat(None))


def _owners(cards: int) -> Iterator[Owner]:
    numbers = issue_cards(np.arange(cards, dtype=np.int64), salt=7)
    return ((b"c%08d" % customer, b"%d" % number) for customer, number in enumerate(numbers))


def _given_to(pairs: Iterable[tuple[bytes, bytes]], owners: Iterable[Owner | None]) -> Iterator[tuple[bytes, bytes]]:
    """Each transaction with the next owner's card; with its own, where there is none."""
    for (key, value), owner in zip(pairs, owners, strict=False):
        if owner is None:
            yield key, value
        else:
            customer, card = owner
            begin, end = value.index(_BEGIN), value.index(_END)
            owned = b'%s"%s","card_number":"%s",' % (_BEGIN, customer, card)
            yield customer, value[:begin] + owned + value[end:]
