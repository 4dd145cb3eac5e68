"""A mapping file: where each field of the transaction contract comes from in a foreign file."""

from __future__ import annotations

from collections.abc import Iterable
from difflib import get_close_matches
from pathlib import Path
from string import Formatter
from typing import Annotated, Literal

import yaml
from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, ValidationError

from contracts import reader
from sluice.feed.errors import FeedError

CONTRACT = "transactions"


class _Origin(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)

    def columns(self) -> tuple[str, ...]:
        """The columns of the file that this is made of."""
        return ()


class Column(_Origin):
    """A column as it is. `unit` says what its numbers count: money or time since 1970.

    Where an `optional` one has no value, or the file no such column, the field is left out.
    """

    column: str
    unit: Literal["minor", "major", "seconds", "milliseconds"] | None = None
    optional: bool = False

    def columns(self) -> tuple[str, ...]:
        return (self.column,)


class Const(_Origin):
    """The same value in every row."""

    const: str | int


class Template(_Origin):
    """Text with columns in braces, such as `c-{customer}`."""

    template: str

    def columns(self) -> tuple[str, ...]:
        return tuple(name for _, name, _, _ in Formatter().parse(self.template) if name)


class Pick(_Origin):
    """One of several values, always the same one for the same value of the column `by`."""

    pick: Annotated[list[str | int], Field(min_length=1)]
    by: str

    def columns(self) -> tuple[str, ...]:
        return (self.by,)


class TestCard(_Origin):
    """A valid test card number, always the same one for the same value of the column."""

    test_card_from: str

    def columns(self) -> tuple[str, ...]:
        return (self.test_card_from,)


Origin = Column | Const | Template | Pick | TestCard
_KINDS: dict[str, type[Origin]] = {
    "column": Column,
    "const": Const,
    "template": Template,
    "pick": Pick,
    "test_card_from": TestCard,
}
_UNITS = {"integer": ("minor", "major", None), "timestamp": ("seconds", "milliseconds", None), "string": (None,)}


class Mapping(BaseModel):
    """The origin of each mapped field, in the contract's order."""

    model_config = ConfigDict(frozen=True)

    path: Path
    fields: dict[str, Origin]

    def columns(self) -> tuple[str, ...]:
        """Every column that is read, once each."""
        return tuple(dict.fromkeys(name for origin in self.fields.values() for name in origin.columns()))

    def optional(self) -> tuple[str, ...]:
        """The fields that are left out where the file has no value for them."""
        return tuple(name for name, each in self.fields.items() if isinstance(each, Column) and each.optional)

    def event_time(self) -> Column:
        """The column that tells when each transaction happened."""
        origin = self.fields["event_time"]
        assert isinstance(origin, Column)
        return origin

    def check(self, file: Path, present: Iterable[str]) -> None:
        """Raises FeedError where `file`, which has the columns `present`, misses one that a field needs."""
        present = list(present)
        for field, origin in self.fields.items():
            for name in origin.columns():
                if name not in present and field not in self.optional():
                    raise FeedError(
                        f"{file} has no column {name!r}, from which {self.path} takes the field {field}; "
                        f"name one of its columns there: {', '.join(present)}"
                    )


def _origin(path: Path, field: reader.Field, raw: object) -> Origin:
    kinds = [kind for kind in _KINDS if isinstance(raw, dict) and kind in raw]
    if len(kinds) != 1:
        raise FeedError(
            f"{path}: the field {field.name} needs exactly one of {', '.join(_KINDS)}, as in {{column: id}}"
        )
    try:
        origin: Origin = TypeAdapter(_KINDS[kinds[0]]).validate_python(raw)
        names = origin.columns()
    except (ValidationError, ValueError) as error:
        first = error.errors()[0] if isinstance(error, ValidationError) else {"loc": (kinds[0],), "msg": str(error)}
        where = ".".join(str(part) for part in first["loc"])
        raise FeedError(f"{path}: the field {field.name} has a wrong {where}: {first['msg']}") from error
    if isinstance(origin, Template) and not (names and all(name.isidentifier() for name in names)):
        raise FeedError(f"{path}: the template of the field {field.name} must name columns, as in c-{{customer}}")
    if field.type == "timestamp" and not isinstance(origin, Column):
        raise FeedError(f"{path}: the field {field.name} must come from a column, as in {{column: when}}")
    if isinstance(origin, Column) and origin.optional and field.required:
        raise FeedError(f"{path}: the contract requires the field {field.name}, so its column can't be optional")
    allowed = _UNITS[field.type]
    if isinstance(origin, Column) and origin.unit not in allowed:
        fit = ", ".join(unit for unit in allowed if unit) or "none"
        raise FeedError(f"{path}: the field {field.name} cannot have the unit {origin.unit}; units that fit: {fit}")
    return origin


def load(path: Path) -> Mapping:
    """The mapping in `path`; FeedError names the field that is unknown, missing or wrong, and what to do."""
    try:
        raw = yaml.safe_load(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise FeedError(f"the mapping {path} cannot be read: {error.strerror}") from error
    except yaml.YAMLError as error:
        raise FeedError(f"the mapping {path} is no valid YAML: {' '.join(str(error).split())}") from error
    if not isinstance(raw, dict):
        raise FeedError(f"the mapping {path} must list fields of the contract, as in 'currency: {{const: USD}}'")
    contract = reader.load(CONTRACT)
    for name in raw:
        if name not in contract.names():
            near = get_close_matches(str(name), contract.names(), n=1)
            hint = f"did you mean {near[0]}?" if near else f"it has {', '.join(contract.names())}"
            raise FeedError(f"{path}: the contract {CONTRACT} has no field {name!r}; {hint}")
    for field in contract.fields:
        if field.required and field.name not in raw:
            raise FeedError(f"{path}: the required field {field.name} is missing; say where it comes from")
    fields = {each.name: _origin(path, each, raw[each.name]) for each in contract.fields if each.name in raw}
    return Mapping(path=path, fields=fields)
