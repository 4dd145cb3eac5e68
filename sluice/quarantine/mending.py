"""A raw message with some of its fields changed, and whether the gate would let a message through now."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from difflib import get_close_matches
from typing import NamedTuple

import orjson

from contracts import reader
from sluice.quarantine.held import QuarantineError
from sluice.settings import Gate
from udfs.gate import bounds
from udfs.validation import Problem, diagnose

CONTRACT = reader.load("transactions")


class Changes(NamedTuple):
    """What shall become of a message's fields: new values as they are typed, and names of those to leave out."""

    set: Mapping[str, str]
    remove: Sequence[str]

    def described(self) -> list[dict[str, str | None]]:
        """As the contract `corrections` has them."""
        values: dict[str, str | None] = {**self.set, **dict.fromkeys(self.remove)}
        return [{"field": name, "value": value} for name, value in values.items()]


def parsed(assignments: Sequence[str], remove: Sequence[str]) -> Changes:
    """From `field=value` texts. Raises QuarantineError for one that is none, and for what may not be typed here."""
    values: dict[str, str] = {}
    fields = {each.name: each for each in CONTRACT.fields}
    for each in assignments:
        name, equals, value = each.partition("=")
        if not equals:
            raise QuarantineError(f"--set {each!r} has no =; write --set currency=EUR")
        if name not in fields:
            close = get_close_matches(name, fields, 1)
            hint = f"did you mean {close[0]}?" if close else f"there are {', '.join(fields)}"
            raise QuarantineError(f"--set {name}: the contract has no such field; {hint}")
        if fields[name].classification == "restricted":
            raise QuarantineError(f"{name} must not be typed into a command; have the producer send the record anew")
        values[name] = value
    if not values and not remove:
        raise QuarantineError("nothing to mend; say --set field=value or --remove field")
    return Changes(values, tuple(remove))


def mended(raw: bytes, changes: Changes) -> bytes:
    """`raw` with `changes`. Raises QuarantineError where it is no JSON object, or a field to remove is not there."""
    try:
        content = orjson.loads(raw)
    except orjson.JSONDecodeError:
        content = None
    if not isinstance(content, dict):
        raise QuarantineError("the original is no JSON object with fields to mend; have the producer send it anew")
    absent = [name for name in changes.remove if name not in content]
    if absent:
        raise QuarantineError(f"--remove {absent[0]}: the original has no such field")
    kept = {name: value for name, value in content.items() if name not in changes.remove}
    return orjson.dumps(kept | {name: _typed(name, value) for name, value in changes.set.items()})


def _typed(name: str, text: str) -> str | int:
    kind = next(each.type for each in CONTRACT.fields if each.name == name)
    try:
        return int(text) if kind == "integer" else text
    except ValueError:
        raise QuarantineError(f"--set {name}={text}: a whole number is needed") from None


def problem_of(raw: bytes, now_ms: int, gate: Gate) -> Problem | None:
    """What the gate would say of `raw` if it arrived at `now_ms` (ms since 1970)."""
    limits = bounds(CONTRACT, gate.max_message_bytes, gate.max_age_days)
    return diagnose(raw, now_ms, CONTRACT, reader.currencies(), limits).problem


def key_of(raw: bytes) -> bytes:
    """The key that the contract wants for a message which the gate would let through."""
    return str(orjson.loads(raw)[CONTRACT.custom["key"]]).encode()
