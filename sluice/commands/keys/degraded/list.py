"""`sluice keys degraded list`: what was decided without history."""

from __future__ import annotations

from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from sluice import settings
from sluice.commands.options import SettingsFile
from sluice.keys import degraded
from sluice.quarantine.options import Last
from sluice.readable import counted, money, utc


def list_(
    *,
    last: Last = "24h",
    limit: Annotated[int, typer.Option(min=1, help="How many to show, the newest.")] = 50,
    settings_file: SettingsFile = None,
) -> None:
    """List what was decided without history, and what of it has been sent again."""
    values, console = settings.load(settings_file), Console()
    found = degraded.read(values, last)
    if not found:
        console.print(f"nothing was decided without history within {last}")
        return
    done = degraded.done(values)
    table = Table(box=None, header_style="bold")
    for heading in ("decision", "arrived", "customer", "amount", "outcome", "sent again as"):
        table.add_column(heading, no_wrap=True)
    for each in found[-limit:]:
        paid = money(each["amount_minor"], each["currency"])
        cells = (each["decision_id"], utc(each["ingested_at"]), each["customer_id"], paid, each["outcome"])
        table.add_row(*cells, done.get(each["decision_id"], "-"))
    console.print(table, soft_wrap=True)
    left = sum(each["decision_id"] not in done for each in found)
    console.print(f"{counted(len(found), 'decisions')} without history, {left:,} not sent again", highlight=False)
    if left:
        console.print("when there are keys again: sluice keys degraded retokenise", style="dim")
