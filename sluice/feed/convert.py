"""Turns batches of a foreign file into messages, as a mapping says.

A value that cannot be converted is sent as it is: the gate refuses it with a reason, and nothing is lost.
"""

from __future__ import annotations

import zlib
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from decimal import Decimal, InvalidOperation
from string import Formatter
from typing import Any, NamedTuple

import numpy as np
import orjson

from contracts import reader
from sluice.feed.cards import card_of
from sluice.feed.mapping import CONTRACT, Column, Const, Mapping, Origin, Pick, Template, TestCard
from sluice.feed.source import Batch
from sluice.feed.times import iso, milliseconds

REMEMBERED = 500_000
USUAL_DECIMALS = 2  # for a currency that the gate will refuse anyway
_SCALE = {"seconds": 1_000, "milliseconds": 1}


class Message(NamedTuple):
    """`event_ms` is None where the event time cannot be read; `is_event` says that it is one of a customer."""

    key: bytes
    value: bytes
    event_ms: int | None
    is_event: bool = False


class _Memo(dict[Any, Any]):
    """A function's values, computed once each, as long as they are not too many to keep."""

    def __init__(self, function: Callable[[Any], Any]) -> None:
        super().__init__()
        self._function = function

    def __missing__(self, argument: Any) -> Any:
        if len(self) > REMEMBERED:
            self.clear()
        value = self[argument] = self._function(argument)
        return value


def _integer(value: Any) -> Any:
    """A text from a CSV file as an integer."""
    if isinstance(value, str) and value.removeprefix("-").isdecimal():
        return int(value)
    return value


def _minor_of_major(value: Any, currency: Any) -> Any:
    """An amount in units of `currency` in minor units; a float where that leaves a fraction."""
    entry = reader.currencies().get(currency) if isinstance(currency, str) else None
    try:
        exact = Decimal(str(value)).scaleb(USUAL_DECIMALS if entry is None else entry["decimals"])
        return int(exact) if exact == exact.to_integral_value() else float(exact)
    except (InvalidOperation, OverflowError, ValueError):
        return value


def _iso_instant(value: Any) -> int | None:
    try:
        parsed = datetime.fromisoformat(value)
    except (TypeError, ValueError):
        return None
    return milliseconds(parsed if parsed.tzinfo else parsed.replace(tzinfo=UTC))


def customer_event(row: dict[str, Any], shift_ms: int) -> Message:
    """A row that has the fields of the contract `customer_events`, with its event time moved by `shift_ms`."""
    event_ms = _iso_instant(row.get("event_time"))
    moved_ms = None if event_ms is None else event_ms + shift_ms
    content = row if moved_ms is None else row | {"event_time": iso(moved_ms)}
    return Message(str(row.get("customer_id")).encode(), orjson.dumps(content), moved_ms, is_event=True)


def _counted_instant(value: Any, scale: int) -> int | None:
    try:
        return int(Decimal(str(value)) * scale)
    except (ArithmeticError, ValueError):
        return None


def event_instants(origin: Column, batch: Batch, instants: frozenset[str]) -> list[int | None]:
    """Event times in milliseconds since 1970, None where one cannot be read; a text without a zone is in UTC.

    `instants` are the columns that the file itself declares to be timestamps.
    """
    values = batch[origin.column]
    if origin.column in instants:
        return values
    if origin.unit is not None:
        scale = _SCALE[origin.unit]
        return [_counted_instant(each, scale) for each in values]
    return [_iso_instant(each) for each in values]


def _template(text: str) -> tuple[str, tuple[str, ...]]:
    """`text` for the % operator, and the columns that fill it."""
    parts = list(Formatter().parse(text))
    pattern = "".join(literal.replace("%", "%%") + ("%s" if name else "") for literal, name, _, _ in parts)
    return pattern, tuple(name for _, name, _, _ in parts if name)


def _picked(origin: Pick) -> Callable[[Any], Any]:
    return lambda value: origin.pick[zlib.crc32(str(value).encode()) % len(origin.pick)]


class Converter:
    """Messages of the contract from the batches of a file whose columns `instants` are timestamps.

    All event times move by `shift_ms`.
    """

    def __init__(self, mapping: Mapping, instants: frozenset[str], shift_ms: int = 0) -> None:
        self._fields = mapping.fields
        self._optional = mapping.optional()
        self._event_time = mapping.event_time()
        self._instants = instants
        self._shift_ms = shift_ms
        self._integers = {each.name for each in reader.load(CONTRACT).fields if each.type == "integer"}
        self._memos = {
            name: _Memo(_picked(origin) if isinstance(origin, Pick) else card_of)
            for name, origin in mapping.fields.items()
            if isinstance(origin, Pick | TestCard)
        }

    def messages(self, batch: Batch) -> Iterator[Message]:
        """One message a row."""
        times = self._times(batch)
        columns: dict[str, list[Any]] = {}
        for name, origin in self._fields.items():
            columns[name] = self._column(name, origin, batch, len(times))
        self._to_minor(columns)
        columns["event_time"] = self._texts(times, columns["event_time"])
        keys = [str(each).encode() for each in columns["customer_id"]]
        names = tuple(columns)
        for key, event_ms, row in zip(keys, times, zip(*columns.values(), strict=True), strict=True):
            content = dict(zip(names, row, strict=True))
            for name in self._optional:
                if content[name] is None:
                    del content[name]
            yield Message(key, orjson.dumps(content), event_ms)

    def _column(self, name: str, origin: Origin, batch: Batch, size: int) -> list[Any]:
        match origin:
            case Const(const=value):
                return [value] * size
            case Template(template=text):
                pattern, parts = _template(text)
                rows = zip(*(batch[part] for part in parts), strict=True)
                return [None if None in row else pattern % row for row in rows]
            case Pick(by=by) | TestCard(test_card_from=by):
                memo = self._memos[name]
                return [None if value is None else memo[value] for value in batch[by]]
            case Column(column=column) if name in self._integers:
                return [_integer(each) for each in batch[column]]
            case Column(column=column):
                return [str(each) if type(each) is int else each for each in batch[column]]

    def _to_minor(self, columns: dict[str, list[Any]]) -> None:
        for name, origin in self._fields.items():
            if isinstance(origin, Column) and origin.unit == "major":
                pairs = zip(columns[name], columns["currency"], strict=True)
                columns[name] = [_minor_of_major(value, currency) for value, currency in pairs]

    def _times(self, batch: Batch) -> list[int | None]:
        found = event_instants(self._event_time, batch, self._instants)
        return [None if each is None else each + self._shift_ms for each in found]

    def _texts(self, times: list[int | None], values: list[Any]) -> list[Any]:
        """Event times as they are sent; a value that is no time stays what it is."""
        texts = np.datetime_as_string(np.array([each or 0 for each in times], dtype="datetime64[ms]")).tolist()
        return [value if at is None else f"{text}Z" for at, text, value in zip(times, texts, values, strict=True)]
