"""`sluice nightly show`: what a run found."""

from __future__ import annotations

from typing import Annotated

import typer

from sluice import nightly, settings, warehouse
from sluice.commands.nightly.shown import print_findings
from sluice.commands.options import SettingsFile
from sluice.nightly import NightlyError


def show(
    *,
    run_id: Annotated[str, typer.Argument(metavar="RUN", help="As `sluice nightly list` has it, as 2026-11-20/1.")],
    settings_file: SettingsFile = None,
) -> None:
    """Show all that was kept of what a run found."""
    values = settings.load(settings_file)
    with warehouse.opened(values.warehouse.database) as connection:
        chosen = [each for each in nightly.runs(connection) if each.run_id == run_id]
        if not chosen:
            raise NightlyError(f"there is no run {run_id!r}; sluice nightly list shows them")
        found = nightly.findings(connection, run_id)
    if not found:
        typer.echo(f"{run_id} found nothing wrong")
        return
    print_findings(found, chosen[0].findings, run_id, len(found))
