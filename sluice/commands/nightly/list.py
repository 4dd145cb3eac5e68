"""`sluice nightly list`: the runs, and who let what pass."""

from __future__ import annotations

from typing import Annotated

import typer
from rich.markup import escape
from rich.table import Table

from sluice import nightly, settings, warehouse
from sluice.commands.nightly.shown import day_of
from sluice.commands.options import SettingsFile
from sluice.commands.restated import print_whole
from sluice.nightly import BLOCKED
from sluice.reports import written


def list_(
    *,
    day: Annotated[str | None, typer.Argument(metavar="[DATE]", help="Only the runs of this booking date.")] = None,
    settings_file: SettingsFile = None,
) -> None:
    """List the runs of each day: what came of them, and who let findings pass, and why."""
    values = settings.load(settings_file)
    with warehouse.opened(values.warehouse.database) as connection:
        found = nightly.runs(connection, None if day is None else day_of(day))
    if not found:
        typer.echo("no runs; sluice nightly run DATE makes one")
        return
    table = Table("run", "outcome", box=None, header_style="bold")
    for heading in ("entries", "findings"):
        table.add_column(heading, justify="right")
    for heading in ("recorded at", "approved by", "why"):
        table.add_column(heading)
    for each in found:
        outcome = f"[red]{each.outcome}[/]" if each.outcome == BLOCKED else each.outcome
        approved = map(escape, (each.approved_by or "-", each.approved_why or "-"))
        table.add_row(
            each.run_id, outcome, f"{each.entries:,}", f"{each.findings:,}", written(each.recorded_at), *approved
        )
    print_whole(table)
