"""`sluice stop`: a job ends, and what it knows stays in a savepoint."""

from __future__ import annotations

from typing import Annotated

import typer
from rich.console import Console

from localstack import flink_checkpoints
from localstack.flink_jobs import ENDED
from localstack.stack import Stack
from sluice.commands.options import SettingsFile
from sluice.errors import SluiceError
from sluice.flink_jobs import named
from sluice.settings import load


def stop(job: Annotated[str, typer.Argument(help="Which job.")], settings_file: SettingsFile = None) -> None:
    """Stop a job with a savepoint, from which the same or newer code goes on."""
    flink = Stack(load(settings_file)).flink
    job_id = flink_checkpoints.newest_run(flink, named(job))
    state = flink.jobs.state(job_id)
    if state in ENDED:
        raise SluiceError(f"{job} is {state} already; sluice restore {job} lists the checkpoints that it has left")
    console = Console(soft_wrap=True)
    with console.status(f"Stopping {job} with a savepoint …"):
        savepoint = flink.jobs.stop(job_id)
    console.print(f"  [green]✓[/] {job} has stopped; its state is in {savepoint}", highlight=False)
    console.print(f"[bold]sluice check-upgrade {job} {savepoint}[/] says what changed code would lose of it,")
    console.print(f"[bold]sluice submit {job} --from {savepoint}[/] goes on from it.")
