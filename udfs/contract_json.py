"""JSON messages to plain Python values, checked against their data contract."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import datetime
from typing import Annotated, Any, Literal

import msgspec
from msgspec import Meta

from contracts.reader import Contract, Field
from udfs.redaction import mask

Integer = Annotated[int, Meta(ge=-(2**63), le=2**63 - 1)]
_SIMPLE = {
    "string": str,
    "integer": Integer,
    "timestamp": Annotated[datetime, Meta(tz=True)],
    "map": dict[str, Integer],
}
_FIELD_AT_FAULT = re.compile(r" - at `\$\.(\w+)|missing required field `(\w+)`")


class MalformedError(ValueError):
    """A message breaks its contract; `field` is the top-level field at fault, where there is one."""

    def __init__(self, message: str, field: str | None = None) -> None:
        super().__init__(message)
        self.field = field


def decoder(contract: Contract) -> Callable[[bytes], dict[str, Any]]:
    """A function from a message to its fields by name; timestamps are aware datetimes, unknown fields are left out.

    The function raises MalformedError, whose message names the field and shows no digit of the content.
    """
    decode = msgspec.json.Decoder(_struct(contract.id, contract.fields)).decode

    def fields_of(message: bytes) -> dict[str, Any]:
        try:
            fields: dict[str, Any] = msgspec.to_builtins(decode(message), builtin_types=(datetime,))
        except (ValueError, RecursionError) as error:
            found = _FIELD_AT_FAULT.search(str(error))
            wrong = mask(str(error).encode(errors="replace"))
            raise MalformedError(
                f"breaks the contract {contract.id}: {wrong}", found and (found[1] or found[2])
            ) from None
        return fields

    return fields_of


def _struct(name: str, fields: tuple[Field, ...]) -> type[msgspec.Struct]:
    required = [(each.name, _type(each)) for each in fields if each.required]
    optional = [(each.name, _type(each) | None, None) for each in fields if not each.required]
    return msgspec.defstruct(name, [*required, *optional])


def _type(field: Field) -> Any:
    if "enum" in field.options:
        return Literal[tuple(field.options["enum"])]
    if field.type == "array" and field.items is not None:
        return list[_type(field.items)]  # type: ignore[misc]  # the type is made at run time
    if field.type == "object":
        return _struct(field.name, field.properties)
    return _SIMPLE[field.type]
