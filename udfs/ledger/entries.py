"""A day's books and what was decided, side by side, and whether an entry is such as its contract says."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import NamedTuple

from contracts import reader
from contracts.reader import Field

DEBIT, CREDIT, CARDHOLDER = "debit", "credit", "cardholder"


class Entry(NamedTuple):
    """An entry as it was read, perhaps wrong; the fields are those of the contract `ledger_entries`, in its order."""

    entry_id: str | None
    customer_id: str | None
    transaction_id: str | None
    account: str | None
    side: str | None
    amount_minor: int | None
    currency: str | None
    booked_ms: int | None


class Decided(NamedTuple):
    """What the warehouse knows of a transaction: its UTC day, its amount in minor units and what was decided."""

    day: date
    outcome: str
    amount_minor: int
    currency: str


class Booked(NamedTuple):
    """One transaction from both sides: its entries, in the order of their ids, and its decision where there is one."""

    customer_id: str
    transaction_id: str
    entries: tuple[Entry, ...]
    decided: Decided | None


class ControlTotal(NamedTuple):
    """What the core-banking system counted of a currency when it closed its day, sums in minor units."""

    currency: str
    entries: int
    debit_minor: int
    credit_minor: int


def problems(entry: Entry) -> Iterator[str]:
    """What is wrong with an entry by its contract, in words; nothing where it is right. No text of it is repeated."""
    for field, value in zip(reader.load("ledger_entries").fields, entry, strict=True):
        if value is None or value == "":
            yield f"{field.name} is missing"
        elif trouble := _trouble(field, value):
            yield f"{field.name} is {trouble}"


def _trouble(field: Field, value: str | int) -> str | None:
    options = field.options
    if "enum" in options and value not in options["enum"]:
        return f"none of {', '.join(options['enum'])}"
    if "minimum" in options and value < options["minimum"]:
        return f"{value}, less than {options['minimum']}"
    if field.name == "currency" and value not in reader.currencies():
        return "not in contracts/currencies.yaml"
    return None
