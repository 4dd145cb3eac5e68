"""References with versions: what a message of theirs says, or what is wrong with it."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import Any, NamedTuple

import orjson

from contracts import reader
from contracts.reader import Contract, Field
from udfs.card_numbers import holds_card_number
from udfs.times import iso_ms, parse_ms
from udfs.validation import Problem, field_problem

NAMES = ("customer_segments", "merchant_risks", "exchange_rates")
"""All of them: each has a contract and, in the settings, a topic of its name."""
VALID_FROM = "valid_from"


@dataclass(frozen=True)
class Table:
    """A reference: of each `entity`, versions of `value`, each from a moment on."""

    contract: Contract
    entity: Field
    value: Field

    @property
    def name(self) -> str:
        return self.contract.id


class Version(NamedTuple):
    """`value` holds for `entity` from `valid_from_ms` (ms since 1970) until its next version; None withdraws it."""

    entity: str
    valid_from_ms: int
    value: str | None


@cache
def table(name: str) -> Table:
    """The reference whose contract is called `name`."""
    contract = reader.load(name)
    keyed = contract.custom["key"]
    entity = next(each for each in contract.fields if each.name in keyed and each.name != VALID_FROM)
    value = next(each for each in contract.fields if each.name not in keyed)
    return Table(contract, entity, value)


def key(of: Table, entity: str, valid_from_ms: int) -> bytes:
    """The message's key: one for each version, so that compaction drops none, and always the same bytes."""
    return orjson.dumps({of.entity.name: entity, VALID_FROM: iso_ms(valid_from_ms)})


def message(of: Table, version: Version) -> tuple[bytes, bytes | None]:
    """Key and value as they go to the topic."""
    head = {of.entity.name: version.entity, VALID_FROM: iso_ms(version.valid_from_ms)}
    value = None if version.value is None else orjson.dumps({**head, of.value.name: version.value})
    return orjson.dumps(head), value


def read(of: Table, message_key: bytes | None, value: bytes | None) -> Version | Problem:
    """What a message of the topic says. One without a value withdraws the version that its key names."""
    content = _object(message_key if value is None else value)
    if isinstance(content, Problem):
        return content
    found = checked(of, content, withdrawn=value is None)
    if isinstance(found, Version) and message_key != key(of, found.entity, found.valid_from_ms):
        wanted = f'{{"{of.entity.name}":"…","{VALID_FROM}":"2026-01-31T00:00:00.000Z"}}'
        return Problem("bad_format", "key", f"the message's key must be {wanted} with the values of this version")
    return found


def checked(of: Table, content: dict[str, Any], *, withdrawn: bool = False) -> Version | Problem:
    """The version that these fields describe, or the first problem in the contract's order of fields."""
    for each in of.contract.fields:
        value = content.get(each.name)
        if withdrawn and each is of.value:
            continue
        if value is None:
            return Problem("missing_field", each.name, f"{each.name} is missing; the contract {of.name} requires it")
        problem = field_problem(each, value, content, reader.currencies())
        if problem is not None:
            return problem
        if holds_card_number(value):
            return Problem(
                "card_number_misplaced", each.name, f"{each.name} holds digits like a card number; remove it"
            )
    valid_from_ms = parse_ms(content[VALID_FROM])
    assert valid_from_ms is not None
    return Version(content[of.entity.name], valid_from_ms, None if withdrawn else content[of.value.name])


def _object(raw: bytes | None) -> dict[str, Any] | Problem:
    try:
        content = orjson.loads(raw or b"")
    except orjson.JSONDecodeError as error:
        return Problem("not_json", None, f"not valid JSON: {error.msg} at byte {error.pos}; send one object")
    return content if isinstance(content, dict) else Problem("not_json", None, "not a JSON object; send one object")
