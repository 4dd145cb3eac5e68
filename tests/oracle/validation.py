"""Is a record a transaction, and if not, why not: the contract's rules in their order of precedence."""

from __future__ import annotations

import json
import re
from datetime import UTC, datetime, timedelta
from functools import cache
from math import isinf
from typing import Any, NamedTuple, NoReturn

from tests.oracle.facts import CLOCK, CURRENCIES, PROHIBITED, TRANSACTION, Field

MAX_BYTES = 65_536
DAY_MS = 86_400_000
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
INSTANT = re.compile(
    r"([0-9]{4})-([0-9]{2})-([0-9]{2})T([0-9]{2}):([0-9]{2}):([0-9]{2})(?:\.([0-9]{1,3}))?Z",
)
CARD_NUMBER = re.compile(
    r"[0-9]{13,}"
    r"|(?<!\w)[0-9]{4}([-._: ])[0-9]{4}\1[0-9]{4}\1[0-9]{1,7}(?!\w)",
)


class Refused(Exception):  # noqa: N818 - a verdict, not an error
    """The record is to be quarantined."""

    def __init__(self, reason: str, field: str | None = None) -> None:
        super().__init__(reason, field)
        self.reason = reason
        self.field = field


class Transaction(NamedTuple):
    """The contract's fields, `event_time` with milliseconds; and the same instant in milliseconds."""

    body: dict[str, Any]
    event_ms: int


def _no_constant(name: str) -> NoReturn:
    raise ValueError(name)


def _finite(number: str) -> float:
    """A number too large for a double would become infinity, which JSON does not have."""
    found = float(number)
    if isinf(found):
        raise ValueError(number)
    return found


def parse(value: bytes) -> dict[str, Any]:
    """The JSON object in `value`; Refused where there is none."""
    try:
        text = value.decode("utf-8")
        body = json.loads(text, parse_constant=_no_constant, parse_float=_finite)
        if "\\u" in text:
            json.dumps(body, ensure_ascii=False).encode("utf-8")  # half a surrogate pair is no text
    except (ValueError, RecursionError) as error:
        raise Refused("not_json") from error
    if not isinstance(body, dict):
        raise Refused("not_json")
    return body


@cache
def luhn(number: str) -> bool:
    """The check digit of ISO/IEC 7812-1, annex B."""
    digits = [int(each) for each in reversed(number)]
    doubled = [2 * each - 9 if each > 4 else 2 * each for each in digits[1::2]]
    return (sum(digits[::2]) + sum(doubled)) % 10 == 0


def _instant(text: str) -> int | None:
    match = INSTANT.fullmatch(text)
    if match is None:
        return None
    try:
        whole = datetime(*map(int, match.groups()[:6]), tzinfo=UTC)  # type: ignore[arg-type,misc]
    except ValueError:
        return None
    return (whole - EPOCH) // timedelta(milliseconds=1) + int((match[7] or "0").ljust(3, "0"))


def iso(event_ms: int) -> str:
    """An instant as it stands on the wire."""
    return (EPOCH + timedelta(milliseconds=event_ms)).isoformat(timespec="milliseconds").removesuffix("+00:00") + "Z"


def _string(field: Field, value: str) -> None:
    options, name = field.options, field.name
    short, long = len(value) < options.get("minLength", 0), len(value) > options.get("maxLength", len(value))
    mismatch = "pattern" in options and not re.fullmatch(options["pattern"], value)
    if short or long or mismatch or value not in options.get("enum", [value]):
        raise Refused("bad_format", name)
    if field.kind == "timestamp" and _instant(value) is None:
        raise Refused("bad_format", name)
    if name == "currency" and value not in CURRENCIES:
        raise Refused("unknown_currency", name)
    if name == "card_number" and not luhn(value):
        raise Refused("bad_check_digit", name)


def _integer(field: Field, value: float) -> None:
    if value < field.options.get("minimum", value) or value > field.options.get("maximum", value):
        raise Refused("out_of_range", field.name)


def _check(field: Field, value: Any) -> None:
    if value is None:
        if field.required:
            raise Refused("missing_field", field.name)
    elif field.kind == "integer":
        if isinstance(value, float) and abs(value) < 2**63:  # a larger one is whole, however it was written
            raise Refused("too_many_decimals", field.name)
        if isinstance(value, bool) or not isinstance(value, int | float):
            raise Refused("wrong_type", field.name)
        _integer(field, value)
    elif not isinstance(value, str):
        raise Refused("wrong_type", field.name)
    else:
        _string(field, value)


def validate(body: dict[str, Any], ingested_ms: int, max_age_days: int | None = None) -> Transaction:
    """The transaction in `body`; Refused with the reason that takes precedence."""
    keys = {key.casefold() for key in body}
    for name in PROHIBITED:
        if name in keys:
            raise Refused("prohibited_field", name)
    for field in TRANSACTION:
        _check(field, body.get(field.name))
    kept = {field.name: body.get(field.name) for field in TRANSACTION}
    event_ms = _instant(str(kept["event_time"]))
    assert event_ms is not None
    if event_ms < ingested_ms - (max_age_days or CLOCK["maxAgeDays"]) * DAY_MS:
        raise Refused("too_old", "event_time")
    if event_ms > ingested_ms + CLOCK["maxAheadSeconds"] * 1000:
        raise Refused("in_the_future", "event_time")
    for name, value in kept.items():
        if name != "card_number" and isinstance(value, str) and CARD_NUMBER.search(value):
            raise Refused("card_number_misplaced", name)
    return Transaction({**kept, "event_time": iso(event_ms)}, event_ms)
