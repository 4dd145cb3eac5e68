"""`sluice keys degraded retokenise`: have it decided with a token and its history."""

from __future__ import annotations

from typing import Annotated

import typer
from rich.console import Console
from rich.progress import Progress

from sluice import settings
from sluice.commands.options import SettingsFile
from sluice.keys import degraded
from sluice.keys.sources import told
from sluice.quarantine.options import Last
from sluice.readable import counted


def retokenise(
    *,
    last: Last = "24h",
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Say what would be sent, and send nothing.")] = False,
    settings_file: SettingsFile = None,
) -> None:
    """Send in again what was decided without history, each once, so that it is decided with its card's."""
    values, console = settings.load(settings_file), Console()
    with console.status("reading what was decided without history …"), told():
        again, left = degraded.sorted_out(values, degraded.read(values, last))
    for words, count in left.most_common():
        console.print(f"{count:>8,}  {words}", highlight=False)
    if dry_run or not again:
        console.print(f"{len(again):>8,}  can be sent again", highlight=False)
        return
    with Progress(console=console, transient=True) as progress:
        task = progress.add_task("sending", total=len(again))
        degraded.send(values, again, lambda: progress.advance(task))
    console.print(f"{len(again):>8,}  sent again", highlight=False)
    console.print(
        f"{counted(len(again), 'decisions')} will follow; the newest decision on a transaction is the one that counts"
    )
