"""`sluice submit`: Flink jobs onto the local cluster."""

from __future__ import annotations

import time
from typing import Annotated

import typer
from rich.console import Console

from localstack.flink_jobs import ENDED
from localstack.stack import Stack
from sluice.commands.options import SettingsFile
from sluice.flink_jobs import FLINK_JOBS, FlinkJob, named
from sluice.settings import load

RUNNING_SECONDS = 180.0


def submit_all(stack: Stack, jobs: tuple[FlinkJob, ...], console: Console) -> dict[str, str]:
    """Submit those of `jobs` that do not run yet and wait until all their tasks do; job name to id."""
    present = {job.name: job.id for job in stack.flink.jobs.all() if job.state not in ENDED}
    ids = {}
    for job in jobs:
        started = time.monotonic()
        with console.status(f"Submitting {job.name} …"):
            ids[job.name] = present.get(job.name) or stack.flink.submit(job.main, stack.settings_file)
            stack.flink.jobs.wait_running(ids[job.name], RUNNING_SECONDS)
        words = "runs already" if job.name in present else f"runs after {time.monotonic() - started:.1f} s"
        console.print(f"  [green]✓[/] {job.name:<16} {words}")
    return ids


def submit(
    names: Annotated[list[str] | None, typer.Argument(help="Which jobs; without a name all of them.")] = None,
    settings_file: SettingsFile = None,
) -> None:
    """Submit jobs to the local Flink cluster, unless they run already."""
    jobs = tuple(map(named, names)) if names else FLINK_JOBS
    console = Console()
    submit_all(Stack(load(settings_file)), jobs, console)
    console.print("[bold]sluice status[/] shows how they do.")
