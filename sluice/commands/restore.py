"""`sluice restore`: a job back to an older checkpoint."""

from __future__ import annotations

from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from localstack import flink_checkpoints
from localstack.flink_checkpoints import Retained
from localstack.stack import Stack
from sluice.commands.options import SettingsFile
from sluice.errors import SluiceError
from sluice.flink_jobs import named
from sluice.settings import load
from udfs.times import clock_ms
from udfs.wording import duration


def _table(job: str, found: list[Retained]) -> Table:
    table = Table("checkpoint", title=f"Checkpoints of {job}", title_justify="left", box=None, header_style="bold")
    table.add_column("completed", justify="right")
    table.add_column("size", justify="right")
    now_ms = clock_ms()
    for each in found:
        ago = duration(max(now_ms - each.written_ms, 0))
        table.add_row(str(each.number), f"{ago} ago", f"{each.size / 1_048_576:,.1f} MiB")
    return table


def restore(
    job: Annotated[str, typer.Argument(help="Which job.")],
    checkpoint: Annotated[int | None, typer.Option(help="Back to this one; without it they are listed.")] = None,
    settings_file: SettingsFile = None,
) -> None:
    """Start a job again from an older checkpoint, such as when the newest can't be read."""
    chosen = named(job)
    console = Console()
    stack = Stack(load(settings_file))
    job_id = flink_checkpoints.newest_run(stack.flink, chosen)
    found = flink_checkpoints.retained(stack.settings, job_id)
    if checkpoint is None:
        console.print(_table(job, found) if found else f"{job} has left no checkpoint.")
        console.print(f"[bold]sluice restore {job} --checkpoint NUMBER[/] goes back to one.")
        return
    wanted = next((each for each in found if each.number == checkpoint), None)
    if wanted is None:
        have = ", ".join(str(each.number) for each in found) or "none"
        raise SluiceError(f"{job} has no checkpoint {checkpoint} on disk; there are: {have}")
    with console.status(f"Restoring {job} from checkpoint {checkpoint} …"):
        flink_checkpoints.restore(stack.flink, chosen, job_id, wanted, settings_file or stack.settings_file)
    console.print(f"  [green]✓[/] {job} goes on from checkpoint {checkpoint}; what it did since, it does again.")
