"""The rows of a partner's file, each cell held against its contract; columns that we may not keep end here."""

from __future__ import annotations

import csv
import hashlib
import re
from collections.abc import Iterator, Mapping
from typing import IO, Any

import orjson

from contracts.reader import Contract, Field
from udfs.card_numbers import holds_card_number
from udfs.partner_files.columns import Layout, layout
from udfs.partner_files.refusal import MOST_FINDINGS, FileRefusedError, Finding
from udfs.times import parse_ms
from udfs.validation import form_problem

Value = str | int | None
_BATCH = 20_000
_MOST_LOOKED_AT = 1_000
_WHOLE = re.compile(r"-?[0-9]{1,18}")
_FORMULA = tuple("=+-@\t\r＝＋－＠")  # noqa: RUF001  # spreadsheets read the full-width forms alike
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069]")


class Rows:
    """Reads `text` once. `removed`, `count` and `digest` are known when all batches were taken."""

    def __init__(self, text: IO[str], contract: Contract, currencies: Mapping[str, Any]) -> None:
        self._text = text
        self._contract = contract
        self._currencies = currencies
        self._hash = hashlib.sha256(contract.id.encode())
        self._lines: dict[Value, int] = {}
        self._findings: list[Finding] = []
        self._found = 0
        self.removed: tuple[str, ...] = ()
        self.count = 0

    @property
    def digest(self) -> str:
        """SHA-256 of what is kept, in the file's order of rows."""
        return self._hash.hexdigest()

    def batches(self) -> Iterator[dict[str, list[Value]]]:
        """Column by column some rows at a time, timestamps in milliseconds since 1970.

        Raises FileRefusedError where any row is not as the contract says; so nothing may be kept before the end.
        """
        reader = csv.reader(self._text, strict=True)
        try:
            yield from self._batches(reader)
        except csv.Error as error:
            raise FileRefusedError(
                "malformed", f"it is no CSV from line {reader.line_num:,} on ({error}); ask the partner to send it anew"
            ) from None
        if self._found:
            first = "; ".join(f"line {each.line:,}, {each.column}: {each.problem}" for each in self._findings[:3])
            more = "at least " if self._found >= _MOST_LOOKED_AT else ""
            cells = "1 cell is" if self._found == 1 else f"{more}{self._found:,} cells are"
            raise FileRefusedError(
                "bad_rows",
                f"{cells} not as the contract {self._contract.id} says: {first}; ask the "
                "partner to mend them and send it anew",
                findings=tuple(self._findings),
            )

    def _batches(self, reader: Any) -> Iterator[dict[str, list[Value]]]:
        header = next(reader, None)
        if not header:
            raise FileRefusedError(
                "empty", "there is nothing inside, not even a header; ask the partner to send it anew"
            )
        found = layout(header, self._contract)
        self.removed = found.removed
        batch: list[list[Value]] = []
        for cells in filter(None, reader):
            batch.append(self._row(cells, found, reader.line_num))
            if self._found >= _MOST_LOOKED_AT:
                return
            if len(batch) == _BATCH:
                yield self._columns(batch)
                batch = []
        yield self._columns(batch)

    def _columns(self, batch: list[list[Value]]) -> dict[str, list[Value]]:
        self.count += len(batch)
        names = self._contract.names()
        return {name: [row[place] for row in batch] for place, name in enumerate(names)}

    def _row(self, cells: list[str], found: Layout, line: int) -> list[Value]:
        if len(cells) != found.width:
            self._note(Finding(line, "-", f"has {len(cells):,} cells, the header has {found.width:,}"))
            return [None] * len(found.positions)
        values: list[Value] = []
        for field, place in zip(self._contract.fields, found.positions, strict=True):
            text = "" if place is None else cells[place]
            problem = self._problem(field, text)
            if problem is not None:
                self._note(Finding(line, field.name, problem))
            values.append(None if problem is not None else _value(field, text))
            if field.primary_key and problem is None:
                self._note_key(field, values[-1], line)
        self._hash.update(orjson.dumps(values) + b"\n")
        return values

    def _problem(self, field: Field, text: str) -> str | None:
        if not text:
            return "is empty; the contract requires it" if field.required else None
        if field.type == "integer":
            low, high = field.options["minimum"], field.options["maximum"]
            is_whole = _WHOLE.fullmatch(text) is not None
            return None if is_whole and low <= int(text) <= high else f"must be a whole number, {low} to {high}"
        if field.custom.get("codes") == "currencies" and text not in self._currencies:
            return "is no currency of contracts/currencies.yaml"
        return _unsafe(text) or form_problem(field, text)

    def _note_key(self, field: Field, key: Value, line: int) -> None:
        before = self._lines.setdefault(key, line)
        if before != line:
            self._note(Finding(line, field.name, f"stands in line {before:,} already"))

    def _note(self, finding: Finding) -> None:
        self._found += 1
        if len(self._findings) < MOST_FINDINGS:
            self._findings.append(finding)


def _unsafe(text: str) -> str | None:
    """What could do harm where the cell is shown or kept, whatever its form."""
    if text.startswith(_FORMULA):
        return "begins like a formula, which a spreadsheet would run"
    if _CONTROL.search(text):
        return "holds a control character"
    return "holds digits like a card number" if holds_card_number(text) else None


def _value(field: Field, text: str) -> Value:
    if not text:
        return None
    if field.type == "integer":
        return int(text)
    return parse_ms(text) if field.type == "timestamp" else text
