"""`sluice down`: the end of the local servers."""

from __future__ import annotations

from rich.console import Console

from localstack.processes import Processes
from sluice.commands.options import SettingsFile
from sluice.settings import load


def down(settings_file: SettingsFile = None) -> None:
    """Stop everything that `sluice up` has started."""
    console = Console()
    home = load(settings_file).local.home.resolve()
    with console.status("Stopping …"):
        stopped = Processes(home).stop()
    if stopped:
        console.print(
            f"Stopped {', '.join(stopped)}. Messages and checkpoints stay in {home}; LocalStack forgets its own."
        )
    else:
        console.print("Nothing was running.")
