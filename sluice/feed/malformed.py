"""Messages that must be quarantined, each with the reason that the contract gives for it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from random import Random
from typing import Any, NamedTuple

import orjson

from sluice.feed.times import iso

Body = dict[str, Any]

LARGE_BYTES = 70_000  # the gate takes 65,536
HUGE_BYTES = 10_000_000
DEPTH = 10_000
ARABIC_DIGITS = str.maketrans("0123456789", "٠١٢٣٤٥٦٧٨٩")
DAY_MS = timedelta(days=1) // timedelta(milliseconds=1)


class Malformed(NamedTuple):
    """`write` makes the message out of a transaction, by a seeded generator and the time of sending in milliseconds."""

    reason: str
    write: Callable[[Body, Random, int], bytes]


def in_groups(card_number: str, separator: str) -> str:
    """A card number as people write it, in groups of four."""
    return separator.join(card_number[at : at + 4] for at in range(0, len(card_number), 4))


def padded(body: Body, size: int) -> bytes:
    """The transaction with an unknown field that brings it to `size` bytes."""
    empty = len(orjson.dumps({**body, "note": ""}))
    return orjson.dumps({**body, "note": "x" * (size - empty)})


def _with(field: str, value: Any) -> Callable[[Body, Random, int], bytes]:
    return lambda body, _rng, _now: orjson.dumps({**body, field: value})


def _changed(field: str, change: Callable[[Any], Any]) -> Callable[[Body, Random, int], bytes]:
    return lambda body, _rng, _now: orjson.dumps({**body, field: change(body[field])})


def _literal(text: str) -> Callable[[Body, Random, int], bytes]:
    """The amount as a literal that JSON does not know."""
    return lambda body, _rng, _now: orjson.dumps({**body, "amount_minor": "@"}).replace(b'"@"', text.encode())


def _without(body: Body, rng: Random, _now: int) -> bytes:
    left_out = rng.choice([name for name, value in body.items() if value is not None and name != "device_id"])
    return orjson.dumps({name: value for name, value in body.items() if name != left_out})


def _renamed(body: Body, _rng: Random, _now: int) -> bytes:
    return orjson.dumps({("amount" if name == "amount_minor" else name): value for name, value in body.items()})


def _misplaced(separator: str) -> Callable[[Body, Random, int], bytes]:
    def write(body: Body, rng: Random, _now: int) -> bytes:
        field = rng.choice(["merchant_id", "terminal_id", "device_id"])
        return orjson.dumps({**body, field: in_groups(body["card_number"], separator)})

    return write


def _truncated(body: Body, rng: Random, _now: int) -> bytes:
    text = orjson.dumps(body)
    return text[: rng.randrange(1, len(text))]


def _nested(body: Body, _rng: Random, _now: int) -> bytes:
    return orjson.dumps({**body, "note": "@"}).replace(b'"@"', b"[" * DEPTH + b"]" * DEPTH)


def _at(days_from_now: tuple[int, int]) -> Callable[[Body, Random, int], bytes]:
    def write(body: Body, rng: Random, now_ms: int) -> bytes:
        return orjson.dumps({**body, "event_time": iso(now_ms + rng.randint(*days_from_now) * DAY_MS)})

    return write


def _wrong_check_digit(number: str) -> str:
    return number[:-1] + str((int(number[-1]) + 1) % 10)


MALFORMED: dict[str, Malformed] = {
    "bad_json": Malformed("not_json", lambda body, _rng, _now: orjson.dumps(body).replace(b":", b"=", 1)),
    "empty": Malformed("not_json", lambda _body, _rng, _now: b""),
    "truncated": Malformed("not_json", _truncated),
    "not_utf8": Malformed(
        "not_json", lambda body, _rng, _now: orjson.dumps(body).replace(b"pos", b"\xff\xfe") + b"\xff"
    ),
    "nested": Malformed("not_json", _nested),
    "no_object": Malformed("not_json", lambda body, _rng, _now: orjson.dumps([body])),
    "nan": Malformed("not_json", _literal("NaN")),
    "infinity": Malformed("not_json", _literal("-Infinity")),
    "large": Malformed("too_large", lambda body, _rng, _now: padded(body, LARGE_BYTES)),
    "cvv": Malformed("prohibited_field", _with("CVV", "123")),
    "missing": Malformed("missing_field", _without),
    "renamed": Malformed("missing_field", _renamed),
    "null": Malformed("missing_field", _with("currency", None)),
    "retyped": Malformed("wrong_type", _with("amount_minor", "1200")),
    "true_amount": Malformed("wrong_type", _changed("amount_minor", bool)),
    "negative": Malformed("out_of_range", _with("amount_minor", -500)),
    "zero": Malformed("out_of_range", _with("amount_minor", 0)),
    "decimals": Malformed("too_many_decimals", _with("amount_minor", 12.5)),
    "unknown_currency": Malformed("unknown_currency", _with("currency", "XTS")),
    "no_zone": Malformed("bad_format", _changed("event_time", lambda text: text.removesuffix("Z"))),
    "card_with_spaces": Malformed("bad_format", _changed("card_number", lambda number: in_groups(number, " "))),
    "card_in_arabic_digits": Malformed(
        "bad_format", _changed("card_number", lambda text: text.translate(ARABIC_DIGITS))
    ),
    "check_digit": Malformed("bad_check_digit", _changed("card_number", _wrong_check_digit)),
    "card_elsewhere": Malformed("card_number_misplaced", _misplaced("")),
    "card_elsewhere_in_groups": Malformed("card_number_misplaced", _misplaced("-")),
    "too_old": Malformed("too_old", _at((-1_000, -8))),
    "in_the_future": Malformed("in_the_future", _at((1, 400))),
}
