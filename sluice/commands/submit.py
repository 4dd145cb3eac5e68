"""`sluice submit`: Flink jobs onto the local cluster."""

from __future__ import annotations

import time
from typing import Annotated

import typer
from rich.console import Console

from localstack import flink_checkpoints
from localstack.flink_jobs import ENDED
from localstack.stack import Stack
from sluice.commands.options import SettingsFile
from sluice.doctor import examination
from sluice.errors import SluiceError
from sluice.flink_jobs import FLINK_JOBS, FlinkJob, named
from sluice.settings import load

RUNNING_SECONDS = 180.0


def submit_all(
    stack: Stack,
    jobs: tuple[FlinkJob, ...],
    console: Console,
    restore_from: str | None = None,
    *,
    drop_unknown_state: bool = False,
) -> dict[str, str]:
    """Submit those of `jobs` that do not run yet and wait until all their tasks do; job name to id."""
    present = {job.name: job.id for job in stack.flink.jobs.all() if job.state not in ENDED}
    ids = {}
    for job in jobs:
        started = time.monotonic()
        with console.status(f"Submitting {job.name} …"):
            ids[job.name] = present.get(job.name) or stack.flink.submit(
                job.main, stack.settings_file, restore_from, drop_unknown_state=drop_unknown_state
            )
            stack.flink.jobs.wait_running(ids[job.name], RUNNING_SECONDS)
        words = "runs already" if job.name in present else f"runs after {time.monotonic() - started:.1f} s"
        console.print(f"  [green]✓[/] {job.name:<16} {words}")
    return ids


def _check_restored(stack: Stack, jobs: tuple[FlinkJob, ...]) -> None:
    if len(jobs) != 1:
        raise SluiceError("a savepoint holds the state of one job: name the job that starts --from it")
    name = jobs[0].name
    newest = stack.flink.jobs.newest().get(name)
    if newest is not None and newest.state not in ENDED:
        raise SluiceError(f"{name} is {newest.state}: sluice stop {name} before it starts --from a savepoint")


def submit(
    names: Annotated[list[str] | None, typer.Argument(help="Which jobs; without a name all of them.")] = None,
    from_: Annotated[
        str | None,
        typer.Option("--from", metavar="SAVEPOINT", help="Go on with the state of a savepoint or checkpoint."),
    ] = None,
    *,
    drop_unknown_state: Annotated[
        bool, typer.Option("--drop-unknown-state", help="Start though the savepoint holds state that the job lacks.")
    ] = False,
    settings_file: SettingsFile = None,
) -> None:
    """Submit jobs to the local Flink cluster, unless they run already."""
    jobs = tuple(map(named, names)) if names else FLINK_JOBS
    console = Console()
    stack = Stack(load(settings_file))
    if from_ is not None:
        _check_restored(stack, jobs)
        from_ = flink_checkpoints.location(from_)
    elif drop_unknown_state:
        raise SluiceError("--drop-unknown-state is about the state of a savepoint: name it with --from")
    running = {job.name for job in stack.flink.jobs.all() if job.state not in ENDED}
    together = running | {job.name for job in jobs}
    examination.before_submission(stack.settings, [job for job in FLINK_JOBS if job.name in together])
    submit_all(stack, jobs, console, from_, drop_unknown_state=drop_unknown_state)
    console.print("[bold]sluice status[/] shows how they do.")
