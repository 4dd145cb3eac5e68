"""`sluice rules values`: what a condition may look at."""

from __future__ import annotations

from rich.console import Console
from rich.table import Table

from udfs.rule_language.values import OWN, SCALES, Value, Words, catalogue


def _kind(value: Value) -> str:
    if isinstance(value, Words):
        return "text, may be missing" if value.optional else "text"
    if value.unit == OWN:
        return "money, only for sentences"
    written = [name for name, (unit, _) in SCALES.items() if name and unit == value.unit]
    return f"number in {', '.join(written)}" if written else "number"


def _bounds(value: Value) -> str:
    if isinstance(value, Words):
        return ", ".join(value.codes) or value.pattern
    return "or never, which is longer than any limit" if value.absent is not None else ""


def values() -> None:
    """List the values that a rule may look at, with their units."""
    table = Table(box=None, header_style="bold")
    for column in ("value", "kind", "of which form"):
        table.add_column(column, no_wrap=column == "value")
    for name, value in catalogue().items():
        table.add_row(name, _kind(value), _bounds(value))
    Console().print(table)
