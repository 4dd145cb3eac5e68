"""The small job that all systems do, in the pure parts that those in Python share.

Flagged is a transaction of more than 800.00 USD, or one that makes more than three of its card within 10 s.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta

import msgspec

from udfs.tokenisation import Tokeniser

HIGH_VALUE_MINOR = 80_000
MOST = 3
WINDOW_MS = 10_000

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MILLISECOND = timedelta(milliseconds=1)

Prepared = tuple[str, tuple[str, int, int]]
"""A token, then the transaction's id, its event time in ms since 1970, and its amount in US cents."""


class Transaction(msgspec.Struct, gc=False):
    """The fields that the job looks at; the decoder skips the others."""

    transaction_id: str
    event_time: datetime
    card_number: str
    amount_minor: int


_decode = msgspec.json.Decoder(Transaction).decode
_encode = msgspec.json.Encoder().encode


def prepare(messages: Iterable[bytes], token: Tokeniser) -> list[Prepared]:
    """Read and tokenise a batch of messages."""
    read = [_decode(each) for each in messages]
    tokens, _ = token.all([each.card_number for each in read])
    return [
        (of, (each.transaction_id, (each.event_time - _EPOCH) // _MILLISECOND, each.amount_minor))
        for of, each in zip(tokens, read, strict=True)
    ]


def recent(before: list[int] | None, event_ms: int) -> list[int]:
    """A card's event times within 10 s up to this one, which is the last; `before` is left as it is.

    Event times of a card come in order here, so an earlier one that is out of reach now stays so.
    """
    reach = event_ms - WINDOW_MS
    return [*(each for each in before or () if each >= reach), event_ms]


def reasons(amount_minor: int, count: int) -> list[str]:
    """Why a transaction is flagged; empty when it is not."""
    found = ["high_value"] if amount_minor > HIGH_VALUE_MINOR else []
    return [*found, "card_velocity"] if count > MOST else found


def flagged(token: str, transaction_id: str, why: list[str]) -> bytes:
    """The message that says so."""
    return _encode({"token": token, "transaction_id": transaction_id, "reasons": why})
