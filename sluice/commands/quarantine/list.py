"""`sluice quarantine list`: what is held back, and why."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from enum import StrEnum
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from sluice import settings
from sluice.commands.options import SettingsFile
from sluice.quarantine import corrections
from sluice.quarantine.held import Choice, Held, read
from sluice.quarantine.options import FieldName, Last, Reason, Source, Step
from sluice.readable import counted, utc

_HOUR = len("2026-11-20T12")


class By(StrEnum):
    REASON = "reason"
    FIELD = "field"
    SOURCE = "source"
    STEP = "step"
    HOUR = "hour"


_KEYS: dict[By, Callable[[Held], str]] = {
    By.REASON: lambda held: str(held["reason"]),
    By.FIELD: lambda held: held["field"] or "-",
    By.SOURCE: lambda held: f"{held['source_topic']}/{held['source_partition']}",
    By.STEP: lambda held: str(held["step"]),
    By.HOUR: lambda held: utc(held["ingested_at"][:_HOUR]) + ":00",
}


def grouped(found: Sequence[Held], by: Sequence[By], sent_again: set[str]) -> Table:
    """How many records there are of each group, the greatest first, with the newest of it."""
    table = Table(box=None, header_style="bold")
    for each in by:
        table.add_column(each.value)
    for heading in ("records", "sent again"):
        table.add_column(heading, justify="right")
    table.add_column("newest")
    keys = {held["quarantine_id"]: tuple(_KEYS[each](held) for each in by) for held in found}
    newest = {keys[held["quarantine_id"]]: held["ingested_at"] for held in found}
    again = Counter(keys[each] for each in sent_again & keys.keys())
    for key, count in Counter(keys.values()).most_common():
        table.add_row(*key, f"{count:,}", f"{again[key]:,}", utc(newest[key]))
    return table


def listed(found: Sequence[Held]) -> Table:
    """One line a record."""
    table = Table(box=None, header_style="bold")
    for heading in ("id", "arrived", "reason", "field", "customer"):
        table.add_column(heading, no_wrap=True)
    for held in found:
        cells = (held["quarantine_id"], utc(held["ingested_at"]), held["reason"], held["field"], held["customer_id"])
        table.add_row(*(each or "-" for each in cells))
    return table


def list_(
    *,
    by: Annotated[list[By] | None, typer.Option(help="Count by this; several may be given.")] = None,
    each: Annotated[bool, typer.Option("--each", help="Show each record, newest last, instead of counts.")] = False,
    limit: Annotated[int, typer.Option(min=1, help="With --each, how many at most.")] = 50,
    reason: Reason = None,
    field: FieldName = None,
    source: Source = None,
    step: Step = None,
    last: Last = "24h",
    settings_file: SettingsFile = None,
) -> None:
    """Count or list what is held back, by reason, field, source and time."""
    values, console = settings.load(settings_file), Console()
    found = read(values, last, Choice(reason, field, source, step))
    if not found:
        console.print(f"nothing of that kind was held back within {last}")
        return
    if each:
        console.print(listed(found[-limit:]), soft_wrap=True)
        shown = min(limit, len(found))
        console.print(f"{shown:,} of {counted(len(found), 'records')}; `sluice quarantine show ID` tells more")
        return
    console.print(grouped(found, by or [By.REASON, By.FIELD], set(corrections.read(values))))
