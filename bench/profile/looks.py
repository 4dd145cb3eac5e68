"""What is looked at while a job runs: its processes, and the processor time that they and their threads have taken."""

from __future__ import annotations

import time
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

import psutil

from bench.profile import proc
from bench.profile.shares import grown
from localstack.flink import JOB_MANAGER
from localstack.kafka import NAME as KAFKA
from localstack.stack import Stack

JAVA = "java"


@dataclass(frozen=True)
class Processes:
    """Process ids by what they are; Python runs within the TaskManagers."""

    task_managers: tuple[int, ...]
    brokers: tuple[int, ...]
    job_managers: tuple[int, ...]

    def all(self) -> tuple[int, ...]:
        return self.task_managers + self.brokers + self.job_managers


def processes(stack: Stack) -> Processes:
    """Those of the running stack."""
    of_flink = [psutil.Process(pid) for pid in stack.processes.pids(*stack.flink.task_manager_names)]
    return Processes(
        task_managers=tuple(each.pid for each in of_flink if _program(each) == JAVA),
        brokers=tuple(stack.processes.pids(KAFKA)),
        job_managers=tuple(stack.processes.pids(JOB_MANAGER)),
    )


def _program(process: psutil.Process) -> str:
    return Path(process.cmdline()[0]).name if process.cmdline() else ""


class Look(NamedTuple):
    """At one moment; `threads` by process and thread."""

    at: float
    events: int
    machine: proc.Machine
    processes: dict[int, float]
    threads: dict[int, dict[int, proc.Used]]


def look(found: Processes, events: int) -> Look:
    threads = {pid: proc.of_threads(pid) for pid in found.task_managers}
    return Look(time.monotonic(), events, proc.of_machine(), proc.of_processes(found.all()), threads)


@dataclass(frozen=True)
class Window:
    """Between two looks; processor time in seconds, `names` as the kernel has them."""

    seconds: float
    events: int
    machine: proc.Machine
    processes: dict[int, float]
    threads: dict[int, dict[int, float]]
    names: dict[int, str]

    def per_event(self, seconds: float) -> float:
        """Microseconds an event."""
        return seconds / self.events * 1_000_000

    def of(self, pids: Iterable[int]) -> float:
        """Processor time of these processes in seconds."""
        return sum(self.processes.get(pid, 0.0) for pid in pids)

    def ended(self, pid: int) -> float:
        """What threads have taken that were there for a while only; in seconds."""
        return max(self.of([pid]) - sum(self.threads.get(pid, {}).values()), 0.0)


def between(before: Look, after: Look) -> Window:
    def seconds(here: Look, pid: int) -> dict[int, float]:
        return {thread: used.seconds for thread, used in here.threads.get(pid, {}).items()}

    return Window(
        seconds=after.at - before.at,
        events=after.events - before.events,
        machine=proc.Machine(after.machine.idle - before.machine.idle, after.machine.total - before.machine.total),
        processes=grown(before.processes, after.processes),
        threads={pid: grown(seconds(before, pid), seconds(after, pid)) for pid in after.threads},
        names={thread: used.name for each in after.threads.values() for thread, used in each.items()},
    )
