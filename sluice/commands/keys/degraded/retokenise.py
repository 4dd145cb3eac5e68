"""`sluice keys degraded retokenise`: have it decided with a token and its history."""

from __future__ import annotations

from functools import partial
from typing import Annotated

import typer
from rich.console import Console

from sluice import settings
from sluice.commands.options import SettingsFile
from sluice.keys import degraded
from sluice.keys.sources import told
from sluice.quarantine.options import Last
from sluice.readable import counted
from sluice.sending_again import sent_again


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
    if sent_again(console, again, left, partial(degraded.send, values), dry_run=dry_run):
        follow = counted(len(again), "decisions")
        console.print(f"{follow} will follow; the newest decision on a transaction is the one that counts")
