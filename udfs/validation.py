"""What exactly is wrong with a record: the careful look that the gate takes at what its quick look refused."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Any

import orjson

from contracts.reader import Contract, Field
from udfs.card_numbers import LEAST_DIGITS, holds_card_number, luhn_valid
from udfs.times import parse_ms

_SHOWN = 40
_DAY_MS = 86_400_000
_LONG_DIGITS = re.compile(r"\d{8,}")
_WITHOUT_FRACTION = 2.0**63
"""From here on a double is a whole number, and what the JSON reader gives for an integer of more than 64 bits."""


@dataclass(frozen=True)
class Problem:
    """Why a record is held back. `message` says what is wrong and what to do, and holds no card number."""

    reason: str
    field: str | None
    message: str


@dataclass(frozen=True)
class Bounds:
    """What the gate lets through: message size in bytes, and event times around the moment of ingestion."""

    max_bytes: int
    max_age_ms: int
    max_ahead_ms: int


@dataclass(frozen=True)
class Diagnosis:
    """The problem if there is one, and the fields that could be read in spite of it."""

    problem: Problem | None
    readable: dict[str, Any] = field(default_factory=dict)


def diagnose(raw: bytes, ingested_ms: int, contract: Contract, currencies: dict[str, Any], bounds: Bounds) -> Diagnosis:
    """Look at one record closely; of several problems the first in the contract's order of fields counts."""
    if len(raw) > bounds.max_bytes:
        return Diagnosis(Problem("too_large", None, f"{len(raw):,} bytes; a message has at most {bounds.max_bytes:,}"))
    try:
        content = orjson.loads(raw)
    except orjson.JSONDecodeError as error:
        return Diagnosis(Problem("not_json", None, f"not valid JSON: {error.msg} at byte {error.pos}; send one object"))
    if not isinstance(content, dict):
        return Diagnosis(Problem("not_json", None, f"JSON {_kind(content)} instead of an object; send one object"))
    problem = _prohibited(content, contract) or _first_field_problem(content, contract, currencies)
    readable = _readable(content, contract, currencies)
    if problem is None:
        problem = _clock_problem(content, ingested_ms, contract, bounds) or _misplaced(content, contract)
    return Diagnosis(problem, readable)


def _prohibited(content: dict[str, Any], contract: Contract) -> Problem | None:
    present = {name.lower() for name in content}
    for name in contract.custom.get("prohibitedFields", ()):
        if name in present:
            return Problem(
                "prohibited_field", name, f"{name} must never be sent after authorisation; remove it at once"
            )
    return None


def _first_field_problem(content: dict[str, Any], contract: Contract, currencies: dict[str, Any]) -> Problem | None:
    for each in contract.fields:
        value = content.get(each.name)
        if value is not None:
            problem = field_problem(each, value, content, currencies)
        elif each.required:
            problem = Problem("missing_field", each.name, f"{each.name} is missing; the contract requires it")
        else:
            problem = None
        if problem is not None:
            return problem
    return None


def field_problem(each: Field, value: Any, content: dict[str, Any], currencies: dict[str, Any]) -> Problem | None:
    """What is wrong with one field's value, or None. `content` is the whole record, for its currency."""
    if each.type == "integer":
        return _integer_problem(each, value, content, currencies)
    if not isinstance(value, str):
        return Problem("wrong_type", each.name, f"{each.name} is a JSON {_kind(value)}; send a string")
    return _text_problem(each, value, currencies)


def _integer_problem(each: Field, value: Any, content: dict[str, Any], currencies: dict[str, Any]) -> Problem | None:
    if isinstance(value, float) and abs(value) < _WITHOUT_FRACTION:
        code = content.get("currency")
        known = currencies.get(code) if isinstance(code, str) else None
        has = f"{code} has {known['decimals']} decimals" if known else "no fractions"
        return Problem(
            "too_many_decimals", each.name, f"{each.name} is {_shown(str(value))}; send whole minor units ({has})"
        )
    if isinstance(value, bool) or not isinstance(value, int | float):
        return Problem("wrong_type", each.name, f"{each.name} is a JSON {_kind(value)}; send an integer")
    low, high = each.options["minimum"], each.options["maximum"]
    if not low <= value <= high:
        return Problem("out_of_range", each.name, f"{each.name} is {_shown(str(value))}; it must be {low} to {high}")
    return None


def _text_problem(each: Field, value: str, currencies: dict[str, Any]) -> Problem | None:
    wanted = form_problem(each, value)
    if wanted is not None:
        shown = "" if each.classification == "restricted" else f" ({_shown(value)})"
        return Problem("bad_format", each.name, f"{each.name}{shown} {wanted}")
    if each.custom.get("codes") == "currencies" and value not in currencies:
        message = f"{value} has no decimals and rate in the currency table; add it or mend the code"
        return Problem("unknown_currency", each.name, message)
    if each.custom.get("checkDigit") == "luhn" and not luhn_valid(value):
        return Problem("bad_check_digit", each.name, f"{each.name} has a wrong check digit; it was mistyped or made up")
    return None


def form_problem(each: Field, value: str) -> str | None:
    """What form a string should have had, or None when it has it."""
    options = each.options
    if each.type == "timestamp":
        return None if parse_ms(value) is not None else "must be UTC such as 2026-01-31T23:59:59.999Z"
    low, high = options.get("minLength", 0), options.get("maxLength")
    if len(value) < low or (high is not None and len(value) > high):
        return f"must have {low} to {high} characters, not {len(value)}"
    if "enum" in options and value not in options["enum"]:
        return f"must be one of {', '.join(options['enum'])}"
    if "pattern" in options and re.fullmatch(options["pattern"].removesuffix("$"), value) is None:
        return f"must match {options['pattern']}"
    return None


def _clock_problem(content: dict[str, Any], ingested_ms: int, contract: Contract, bounds: Bounds) -> Problem | None:
    name = next(each.name for each in contract.fields if each.type == "timestamp")
    moment = parse_ms(content[name])
    if moment is None or ingested_ms - bounds.max_age_ms <= moment <= ingested_ms + bounds.max_ahead_ms:
        return None
    if moment > ingested_ms:
        ahead = (moment - ingested_ms) // 1000
        allowed = bounds.max_ahead_ms // 1000
        return Problem(
            "in_the_future", name, f"{name} is {ahead:,} s ahead of its arrival ({allowed} s allowed); check the clock"
        )
    age, allowed = (ingested_ms - moment) // _DAY_MS, bounds.max_age_ms // _DAY_MS
    return Problem(
        "too_old", name, f"{name} is {age:,} days before its arrival ({allowed} allowed); load history as a batch"
    )


def _misplaced(content: dict[str, Any], contract: Contract) -> Problem | None:
    places = (f"send it in {each.name} only" for each in contract.fields if each.classification == "restricted")
    remedy = next(places, "remove it")
    for each in contract.fields:
        value = content.get(each.name)
        if isinstance(value, str) and each.classification != "restricted" and holds_card_number(value):
            return Problem(
                "card_number_misplaced",
                each.name,
                f"{each.name} holds digits like a card number; {remedy}",
            )
    return None


def _readable(content: dict[str, Any], contract: Contract, currencies: dict[str, Any]) -> dict[str, Any]:
    """The fields that are well-formed and surely no card number; an amount also when it is negative or zero."""
    readable: dict[str, Any] = {}
    for each in contract.fields:
        value = content.get(each.name)
        if type(value) is int and each.type == "integer":
            keep = abs(value) <= each.options["maximum"]
        else:
            text = isinstance(value, str) and each.classification != "restricted" and not holds_card_number(value)
            keep = text and field_problem(each, value, content, currencies) is None
        if keep:
            readable[each.name] = value
    return readable


def _kind(value: Any) -> str:
    names = {dict: "object", list: "array", str: "string", bool: "boolean", int: "number", float: "number"}
    return names.get(type(value), "null")


def _shown(value: str) -> str:
    """A value as a message may show it: short, without any long run of digits, and never so many as a card has."""
    masked = _LONG_DIGITS.sub("#", value)
    digits = [character for character in value if character.isdigit()]
    if len(digits) >= LEAST_DIGITS or not all(map(str.isascii, digits)):
        masked = "".join("#" if character.isdigit() else character for character in masked)
    return repr(masked if len(masked) <= _SHOWN else masked[:_SHOWN] + "…")
