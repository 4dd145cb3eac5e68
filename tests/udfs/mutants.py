"""Ways to spoil a message, most of them with a card number where none may stand."""

from __future__ import annotations

import re
from collections.abc import Callable
from random import Random
from typing import Any

import orjson

from sluice.feed.malformed import in_groups
from tests.oracle.validation import MAX_BYTES
from tests.udfs.transactions import CARD, GOOD

PLANTED = frozenset({CARD, "4000000000000002"})
_OTHER_DIGITS = (0xFF10, 0x0660, 0x0966, 0x1D7CE)
_FIELDS = (*GOOD, "entry_mode", "note", "cvv", "card_token")
_TEXT = re.compile(rb'"[^"\\]*"')
_INSIDE = re.compile(rb"[0-9a-z]")
_NUMBERS = (0, -1, 1.5, 1e15, 10**11, 2**63, 2**64 - 1, 4000001234567899, 4000001234567899.0, -4000001234567899.5)
_TEXTS = ("", " ", "\x00", "\n", "é" * 33, "x" * 64, "x" * 65, "2026-02-30T00:00:00Z", "2026-02-02T02:39:59Z")
_VALUES: tuple[Any, ...] = (None, True, *_NUMBERS, *_TEXTS, [], {}, [CARD], {CARD: CARD}, [[[[CARD]]]])


def disguised(number: str, rng: Random) -> str:
    """A card number as it may stand in a text, all of them ways that the gate knows."""
    how = rng.randrange(6)
    if how == 0:
        return number
    if how == 1:
        return in_groups(number, rng.choice(" -._:"))
    if how == 2:
        start = rng.choice(_OTHER_DIGITS)
        return "".join(chr(start + int(digit)) for digit in number)
    if how == 3:
        return rng.choice(["x", "id ", "-", "9", "é"]) + number + rng.choice(["", "y", " z", "-", "0"])
    if how == 4:
        groups = in_groups(number, rng.choice("-. "))
        return rng.choice(["x-", "id ", "(", ".:"]) + groups + rng.choice(["", "-y", " z", ")"])
    return number + number


def _changed(value: bytes, rng: Random) -> bytes:
    """Another value in a field, often one that holds a card number."""
    try:
        body = orjson.loads(value)
    except orjson.JSONDecodeError:
        body = dict(GOOD)
    if not isinstance(body, dict):
        body = dict(GOOD)
    name = rng.choice(_FIELDS)
    body[name] = disguised(rng.choice(sorted(PLANTED)), rng) if rng.random() < 0.5 else rng.choice(_VALUES)
    try:
        return orjson.dumps(body)
    except TypeError:  # integers beyond 64 bit
        return value


def _escaped(value: bytes, rng: Random) -> bytes:
    """Some characters of its texts as JSON escapes."""
    return _TEXT.sub(lambda text: _INSIDE.sub(lambda each: _escape(each, rng), text[0]), value)


def _escape(each: re.Match[bytes], rng: Random) -> bytes:
    return b"\\u%04x" % each[0][0] if rng.random() < 0.1 else each[0]


def _repeated(value: bytes, rng: Random) -> bytes:
    """A field for the second time."""
    text = disguised(CARD, rng) if rng.random() < 0.5 else "m-2"
    return value[:-1] + b',"%s":%s}' % (rng.choice(_FIELDS).encode(), orjson.dumps(text))


def _noise(value: bytes, rng: Random) -> bytes:
    at = rng.randrange(len(value) + 1)
    return value[:at] + rng.randbytes(rng.randrange(1, 4)) + value[at + rng.randrange(3) :]


def _spliced(value: bytes, rng: Random) -> bytes:
    at, to = sorted(rng.randrange(len(value) + 1) for _ in range(2))
    return value[:to] + value[at:]


def _nested(value: bytes, rng: Random) -> bytes:
    depth = rng.choice([3, 200, 5_000])
    return value[:-1] + b',"n":' + rng.choice([b"[", b'{"a":']) * depth + rng.choice([b"", b"]" * depth]) + b"}"


def _padded(value: bytes, rng: Random) -> bytes:
    return value + b" " * rng.choice([1, MAX_BYTES - len(value), MAX_BYTES - len(value) + 1])


_Mutation = Callable[[bytes, Random], bytes]
_MUTATIONS: tuple[_Mutation, ...] = (_changed, _changed, _changed, _escaped, _repeated, _noise, _spliced)
_RARE: tuple[_Mutation, ...] = (_nested, _padded)


def mutant(value: bytes, rng: Random) -> bytes:
    """`value` after one to three mutations."""
    for _ in range(rng.randint(1, 3)):
        value = rng.choice(_RARE if rng.random() < 0.005 else _MUTATIONS)(value, rng)
    return value
