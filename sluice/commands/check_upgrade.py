"""`sluice check-upgrade`: what changed code would lose of a job's state."""

from __future__ import annotations

from collections import Counter
from importlib import import_module
from typing import Annotated

import typer
from rich.console import Console
from rich.text import Text

from localstack import flink_checkpoints
from localstack.stack import Stack
from sluice.commands.options import SettingsFile
from sluice.errors import SluiceError
from sluice.flink_jobs import FlinkJob, named
from sluice.settings import Settings, load
from sluice.upgrades import java, plan, savepoint
from sluice.upgrades.comparison import Finding, Verdict, compare

STYLES = {Verdict.CARRIED: "green", Verdict.NEW: "yellow", Verdict.EMPTY: "yellow"}


def _newest(settings: Settings, job: FlinkJob) -> str:
    """The newest checkpoint of the job's latest run."""
    job_id = flink_checkpoints.newest_run(Stack(settings).flink, job)
    found = flink_checkpoints.retained(settings, job_id)
    if not found:
        raise SluiceError(f"{job.name} has left no checkpoint; name a savepoint, as sluice stop {job.name} makes one")
    return found[0].folder.as_uri()


def findings(job: FlinkJob, settings: Settings, uri: str) -> list[Finding]:
    """What becomes of the state in the savepoint at `uri` if the job's code as it stands here starts from it."""
    main = import_module(f"jobs.{job.name}.main")
    return compare(savepoint.read(uri), plan.read(main.build, settings), java.fit)


def check_upgrade(
    job: Annotated[str, typer.Argument(help="Which job.")],
    folder: Annotated[
        str | None,
        typer.Argument(metavar="SAVEPOINT", help="A savepoint or checkpoint; without it the job's newest checkpoint."),
    ] = None,
    settings_file: SettingsFile = None,
) -> None:
    """Say what the code as it stands here would lose of a job's state; deploys nothing."""
    chosen, settings = named(job), load(settings_file)
    uri = _newest(settings, chosen) if folder is None else flink_checkpoints.location(folder)
    console = Console(soft_wrap=True, highlight=False)
    with console.status(f"Planning {job} and reading {uri} …"):
        found = findings(chosen, settings, uri)
    console.print(f"[bold]{job} as it stands here, from {uri}[/]")
    for each in found:
        verdict = Text(f"  {each.verdict.value:<9}", STYLES.get(each.verdict, "red"))
        console.print(Text.assemble(verdict, f"{each.operator}: {each.words}"))
    broken = Counter(each.verdict.value for each in found if each.verdict.breaks)
    if broken:
        counts = ", ".join(f"{count} {verdict}" for verdict, count in broken.items())
        anew = f", or build the state anew from the lake: sluice bootstrap {job}" if chosen.decides else ""
        raise SluiceError(f"{counts}: give each operator its old uid and state again{anew}")
    console.print(f"Nothing is lost. [bold]sluice stop {job}[/] makes the savepoint to go on from.")
    if any(each.verdict is Verdict.EMPTY for each in found):
        console.print("Flink takes even empty state for lost: add [bold]--drop-unknown-state[/] to that start.")
