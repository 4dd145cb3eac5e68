"""The one call into Python of Sluice's own job: JSON to token and facts, a whole batch at a time."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import msgspec
import numpy as np

from bench.peers.ends import tokeniser
from udfs import batches
from udfs.facts import FACTS
from udfs.parts import Packed
from udfs.times import parse_all_ms
from udfs.tokenisation import Tokeniser

PREPARED = ("facts", "token", "transaction_id")
"""The parts of what is handed on of a transaction, in one column because each costs at each step."""
BUCKETS = 1_024
"""Cards share so few states that the cache holds the way to them, and enough to spread evenly over slots."""


class Transaction(msgspec.Struct, gc=False):
    """The fields that the job looks at; the decoder skips the others."""

    transaction_id: str
    event_time: str
    card_number: str
    amount_minor: int


_decode = msgspec.json.Decoder(Transaction).decode


def prepare(messages: Sequence[bytes], token: Tokeniser) -> Packed:
    """A packed record of PREPARED for each message; its event time also serves the kernel as the log's clock."""
    read = [_decode(each) for each in messages]
    tokens, digests = token.all([each.card_number for each in read])
    of_card = np.frombuffer(digests, "<u8").reshape(len(read), -1)
    facts = np.zeros(len(read), FACTS)
    facts["entity"] = of_card[:, 0]
    facts["event_ms"] = facts["ingested_ms"] = parse_all_ms([each.event_time for each in read])
    facts["amount_usd_minor"] = [each.amount_minor for each in read]
    facts["card_bucket"] = of_card[:, 1] % BUCKETS
    ids = [each.transaction_id.encode() for each in read]
    return Packed((list(map(str.encode, tokens)), ids), facts)


def open_tokeniser(key_file: str) -> batches.Call:
    """(value) to a packed record of PREPARED. Raises KeysError."""
    token = tokeniser(Path(key_file))

    def call(count: int, value: bytes) -> bytes:
        return batches.answer(prepare(batches.present(value, count), token))

    return call
