"""Servers for a benchmark: the usual stack on free ports, emptied before each run."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from rich.console import Console

from localstack.interrupts import as_keyboard_interrupt
from localstack.ports import on_free_ports
from localstack.stack import Stack
from sluice.settings import Settings, with_checkpoints

HOME = Path("build/bench")
CARRIED_EVERY_SECONDS = 2  # how finely the progress of the carrying jobs is seen


@contextmanager
def servers(settings: Settings, console: Console, *, storage: bool = True) -> Iterator[Stack]:
    """A running stack with nothing in it, on free ports; stopped and left on disk at the end.

    Without `storage` there is no LocalStack, which the deciding job has no need of.
    """
    shutil.rmtree(HOME, ignore_errors=True)
    stack = Stack(on_free_ports(settings, HOME.resolve()), console)
    with as_keyboard_interrupt():
        try:
            stack.start(None if storage else (stack.flink, stack.kafka))
            yield stack
        finally:
            stack.stop()


def closely_watched(settings: Settings) -> Settings:
    """With so many checkpoints of the carrying jobs that their progress can be followed."""
    return with_checkpoints(settings, CARRIED_EVERY_SECONDS, "hot_state", "lake")
