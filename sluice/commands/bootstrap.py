"""`sluice bootstrap`: new state for the deciding job."""

from __future__ import annotations

import time
from types import TracebackType
from typing import Annotated, Self

import typer
from rich.console import Console
from rich.markup import escape
from rich.progress import Progress, SpinnerColumn, TaskID, TextColumn, TimeElapsedColumn

from localstack.interrupts import as_keyboard_interrupt
from localstack.stack import Stack
from sluice.bootstrap.steps import DECIDING, Bootstrap
from sluice.commands.options import SettingsFile
from sluice.errors import SluiceError
from sluice.flink_jobs import named
from sluice.settings import load


class _Shown:
    """One line that tells of the present step, below what is kept."""

    def __init__(self, console: Console) -> None:
        self._console = console
        columns = (SpinnerColumn(), TextColumn("{task.description}"), TextColumn("{task.fields[count]}"))
        self._line = Progress(*columns, TimeElapsedColumn(), console=console, transient=True)
        self._task: TaskID | None = None

    def __enter__(self) -> Self:
        self._line.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._line.stop()

    def begin(self, words: str) -> None:
        if self._task is not None:
            self._line.remove_task(self._task)
        self._task = self._line.add_task(words, count="")

    def advance(self, done: int, total: int) -> None:
        if self._task is not None:
            self._line.update(self._task, count=f"{done:,} of {total:,}")

    def keep(self, words: str) -> None:
        self._console.print(f"  [green]✓[/] {escape(words)}", soft_wrap=True, highlight=False)


def bootstrap(
    job: Annotated[str, typer.Argument(help=f"Which job; {DECIDING.name} is the only one whose state the lake holds.")],
    settings_file: SettingsFile = None,
) -> None:
    """Build a job's state anew from the lake, where its savepoints can't be used any more.

    The job is stopped meanwhile; what comes in waits in Kafka. It then goes on
    where it has stopped, and decides as it would have with its old state.

    What the lake lacks, the new state lacks too: a repeat from before with a
    field that the contract has gained since counts as a conflict.
    """
    if named(job) != DECIDING:
        raise SluiceError(f"the lake holds no state of {job}; {DECIDING.name} is the only job that can be bootstrapped")
    console = Console()
    stack = Stack(load(settings_file))
    started = time.monotonic()
    with as_keyboard_interrupt(), _Shown(console) as shown:
        Bootstrap(stack.flink, stack.settings, settings_file or stack.settings_file, shown).run()
    console.print(f"  [green]✓[/] {job} runs again after {time.monotonic() - started:.0f} s")
