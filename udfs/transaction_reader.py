"""The gate's quick look: bytes to transactions whose every field keeps the contract, a whole batch at a time."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from typing import Annotated, Any, Literal, NamedTuple

import msgspec
import numpy as np
import numpy.typing as npt

from contracts.reader import Contract, Field
from udfs.card_numbers import holds_card_number, none_holds_card_number, well_formed
from udfs.times import parse_all_ms
from udfs.validation import Bounds

_REMEMBERED = 200_000

Values = tuple[Any, ...]
Refused = Iterable[int]


class Look(NamedTuple):
    """What a batch's records hold: the fields in the contract's order or None, and event times in ms since 1970."""

    rows: list[Values | None]
    event_ms: npt.NDArray[np.int64]


def _python_type(each: Field, currencies: dict[str, Any]) -> Any:
    options = each.options
    kind: Any
    if each.type == "integer":
        kind = Annotated[int, msgspec.Meta(ge=options["minimum"], le=options["maximum"])]
    elif "enum" in options:
        kind = Literal[tuple(options["enum"])]
    elif each.custom.get("codes") == "currencies":
        kind = Literal[tuple(currencies)]
    elif "maxLength" in options:
        kind = Annotated[str, msgspec.Meta(min_length=options.get("minLength", 0), max_length=options["maxLength"])]
    else:
        kind = str
    return kind if each.required else kind | None


def record_type(contract: Contract, currencies: dict[str, Any]) -> type[msgspec.Struct]:
    """The contract as a strict type in the contract's order of fields; unknown fields are refused."""
    fields: list[Any] = []
    for each in contract.fields:
        kind = _python_type(each, currencies)
        fields.append((each.name, kind) if each.required else (each.name, kind, None))
    return msgspec.defstruct(contract.id, fields, forbid_unknown_fields=True, kw_only=True, gc=False)


class _Recurring:
    """The check of a field whose values recur: each value is looked at once and then remembered."""

    def __init__(self, accepts: Callable[[str], bool]) -> None:
        self._accepts = accepts
        self._known: set[str | None] = {None}

    def __call__(self, column: Sequence[str | None]) -> Refused:
        unknown = set(column) - self._known
        wrong = {value for value in unknown if value is None or not self._accepts(value)}
        if len(self._known) > _REMEMBERED:
            self._known = {None}
        self._known |= unknown - wrong
        return [row for row, value in enumerate(column) if value in wrong] if wrong else ()


def _unique_check(pattern: str) -> Callable[[Sequence[str]], Refused]:
    """The check of a field whose values do not recur: all of a batch at once, and one by one where that fails."""
    matches = re.compile(pattern).fullmatch
    all_match = re.compile(f"(?:(?:{pattern})\n)*").fullmatch

    def check(column: Sequence[str]) -> Refused:
        lines = "\n".join((*column, ""))
        refused: list[int] = []
        if lines.count("\n") > len(column) or all_match(lines) is None:
            refused += [row for row, value in enumerate(column) if matches(value) is None]
        if not none_holds_card_number(column):
            refused += [row for row, value in enumerate(column) if holds_card_number(value)]
        return refused

    return check


def _column_check(each: Field) -> Callable[[Sequence[Any]], Refused] | None:
    """What the type does not say: pattern, check digit, no card number in the wrong place."""
    if each.custom.get("checkDigit") == "luhn":
        return lambda column: np.flatnonzero(~well_formed(column)).tolist()
    if "pattern" not in each.options or each.custom.get("codes"):
        return None
    text = each.options["pattern"].removeprefix("^").removesuffix("$")
    if each.primary_key:
        return _unique_check(text)
    pattern = re.compile(text)
    return _Recurring(lambda value: pattern.fullmatch(value) is not None and not holds_card_number(value))


class TransactionReader:
    """Reads batches; what it refuses, `udfs.validation.diagnose` explains or, for unknown extra fields, accepts."""

    def __init__(self, contract: Contract, currencies: dict[str, Any], bounds: Bounds) -> None:
        self._decode = msgspec.json.Decoder(record_type(contract, currencies)).decode
        self._bounds = bounds
        checks = [(number, _column_check(each)) for number, each in enumerate(contract.fields)]
        self._checks = [(number, check) for number, check in checks if check is not None]
        self._time = next(number for number, each in enumerate(contract.fields) if each.type == "timestamp")

    def read(self, records: Sequence[bytes | None], ingested_ms: npt.NDArray[np.int64]) -> Look:
        """Each record where JSON, names, types, ranges and all else that the contract says are right, else None."""
        rows = list(map(self._decoded, records))
        event_ms = np.zeros(len(rows), dtype=np.int64)
        decoded = [number for number, values in enumerate(rows) if values is not None]
        if decoded:
            at = np.array(decoded)
            refused, event_ms[at] = self._refused([values for values in rows if values is not None], ingested_ms[at])
            for position in refused:
                rows[decoded[position]] = None
        return Look(rows, event_ms)

    def _decoded(self, raw: bytes | None) -> Values | None:
        if raw is None or len(raw) > self._bounds.max_bytes:
            return None
        try:
            return msgspec.structs.astuple(self._decode(raw))
        except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
            return None

    def _refused(
        self, rows: Sequence[Values], ingested_ms: npt.NDArray[np.int64]
    ) -> tuple[set[int], npt.NDArray[np.int64]]:
        """The numbers of the rows that decode but break the contract all the same, and the event time of each row."""
        columns = list(zip(*rows, strict=True))
        refused: set[int] = set()
        for number, check in self._checks:
            refused.update(check(columns[number]))
        moments = parse_all_ms(columns[self._time])
        bounds = self._bounds
        outside = (moments < ingested_ms - bounds.max_age_ms) | (moments > ingested_ms + bounds.max_ahead_ms)
        refused.update(np.flatnonzero(outside).tolist())
        return refused, moments
