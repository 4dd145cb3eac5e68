"""A transaction between the steps: one packed record, of which the kernel reads the first part, little-endian numbers.

The first of FACTS are those of `udfs/kernel/…/Facts.java`, in its order; what follows passes the kernel unread. Other
entities stand behind FACTS, each only where its history is kept.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import cache
from hashlib import sha256
from typing import NamedTuple
from zlib import crc32

import numpy as np
import numpy.typing as npt

from udfs import parts

FACTS = np.dtype(
    [
        ("id", "<u8"),
        ("content", "<u8", (2,)),
        ("entity", "<u8"),
        ("event_ms", "<i8"),
        ("amount_usd_minor", "<i8"),
        ("ingested_ms", "<i8"),
        ("source_offset", "<i8"),
        ("source_partition", "<i4"),
        ("categories", "<u4", (3,)),
        ("gated_ms", "<i8"),
        ("customer_bucket", "<i8"),
        ("card_bucket", "<i8"),
    ]
)
"""One transaction; `_ms` are milliseconds since 1970, `categories` are hashes of merchant, country and terminal."""

ENTITY = np.dtype(
    {
        "names": ["id", "bucket", "categories"],
        "formats": ["<u8", "<i8", ("<u4", (3,))],
        "offsets": [0, 8, 16],
        "itemsize": 32,
    }
)
"""Another entity than the card, as `Facts.java` reads it; an id of 0 is nobody's, as where no device is told of."""

GATED = ("facts", "card_token", "body", "problem", "aside")
"""The parts of what the gate says of a record: FACTS, then token and tokenised transaction or the quarantine record.

`aside` is a record of `decide.DECIDED` that goes to its topic from the gate itself, in few rows only: a new card for
the token vault, or a decision without history, which has no token.
"""

EARLIER = np.dtype([("conflict", "<i4"), ("source_partition", "<i4"), ("source_offset", "<i8")])
"""Where a transaction with the same id stands, and whether its content is another (1) or the same (0)."""

_SHA256 = sha256()
_HEAD = np.dtype([("starts", parts.head(len(GATED))), ("facts", FACTS)])

FactsArray = npt.NDArray[np.void]


class Place(NamedTuple):
    """At which position `number_at` finds these fields of an ENTITY."""

    id: int
    bucket: int


class Transactions(NamedTuple):
    """Columns of equal length: FACTS, token and tokenised transaction as JSON."""

    facts: FactsArray
    card_token: list[bytes]
    body: list[bytes]


@cache
def layout(entities: tuple[str, ...]) -> np.dtype[np.void]:
    """FACTS, in which the card is, and behind them an ENTITY for each other one of `entities`, under its name."""
    others = [(each, ENTITY) for each in entities if each != "card"]
    return np.dtype([*FACTS.descr, *others]) if others else FACTS


def place(entities: tuple[str, ...], entity: str) -> Place:
    """Where `layout` has `entity`."""
    of, width = layout(entities).fields, np.int64().itemsize
    assert of is not None
    at = of[entity][1] // width
    return Place(at, at + ENTITY.fields["bucket"][1] // width)  # type: ignore[index]


def digests(texts: Iterable[bytes]) -> npt.NDArray[np.uint64]:
    """The first 16 bytes of the SHA-256 of each text, as two numbers."""
    found = []
    for text in texts:
        state = _SHA256.copy()  # half the time of sha256(text)
        state.update(text)
        found.append(state.digest())
    return np.frombuffer(b"".join(found), "<u8").reshape(-1, 4)[:, :2]


def entity_id(text: str | None) -> int:
    """The first 8 bytes of the SHA-256 of an entity's id; 0 where there is none."""
    return 0 if text is None else int.from_bytes(sha256(text.encode()).digest()[:8], "little")


def text_hash(text: str) -> int:
    """CRC-32 of the UTF-8 bytes."""
    return crc32(text.encode())


def unpacked(gated: Sequence[bytes]) -> Transactions:
    """What stands in packed records of transactions that passed."""
    heads = np.frombuffer(b"".join([each[: _HEAD.itemsize] for each in gated]), _HEAD)
    starts = dict(zip(GATED, heads["starts"].T.tolist(), strict=False))
    tokens = [each[start:end] for each, start, end in zip(gated, starts["card_token"], starts["body"], strict=True)]
    bodies = [each[start:end] for each, start, end in zip(gated, starts["body"], starts["problem"], strict=True)]
    return Transactions(heads["facts"], tokens, bodies)


def numbers(*names: str) -> dict[str, str]:
    """For the placeholders of SQL files: at which position `number_at` finds each of these fields, which are int64."""
    return {name: str(FACTS.fields[name][1] // np.int64().itemsize) for name in names}  # type: ignore[index]
