"""`sluice doctor`: whether everything fits together, before anything is started or submitted."""

from __future__ import annotations

from typing import Annotated

import typer
from rich.console import Console
from rich.markup import escape

from sluice.commands.options import SettingsFile
from sluice.doctor import examination
from sluice.settings import load


def doctor(
    *,
    quiet: Annotated[bool, typer.Option("--quiet", help="Show only what does not fit.")] = False,
    settings_file: SettingsFile = None,
) -> None:
    """Check Python, JDK, Flink, jars, processor, ports, memory, disk and settings against each other."""
    console = Console(soft_wrap=True)
    troubles = 0
    for check in examination.whole(load(settings_file)):
        troubles += check.trouble is not None
        mark = "[green]✓[/]" if check.trouble is None else "[red]✗[/]"
        if check.trouble is not None or not quiet:
            console.print(f"{mark} {check.name:<20} {escape(check.found)}".rstrip(), highlight=False)
        if check.trouble is not None:
            console.print(f"  {'':<20} [red]{escape(check.trouble)}[/]", highlight=False)
    if troubles:
        console.print(f"{troubles} {'thing does' if troubles == 1 else 'things do'} not fit.")
        raise typer.Exit(1)
    console.print("Everything fits together.")
