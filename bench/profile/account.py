"""From what was measured and sampled to microseconds of processor time an event."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from bench.profile import jvm_steps, python_steps
from bench.profile.looks import Processes, Window
from bench.profile.shares import Parts, add, ordered, shared_out
from bench.profile.thread_groups import TASK, JavaThread, group

JVM = "TaskManager"
BROKER = "Kafka broker"
JOB_MANAGER = "JobManager"
ELSEWHERE = "everything else on the machine"
IDLE = "idle"
ENDED = "threads of a short life"


@dataclass(frozen=True)
class Seen:
    """Samples by process; `trouble` says in one line why Python's are not complete, and what to do."""

    jvm: Mapping[int, list[jvm_steps.Sample]]
    python: Mapping[int, list[python_steps.Stack]]
    trouble: str | None = None


@dataclass(frozen=True)
class Account:
    """Microseconds of processor time an event, by process, thread and step.

    `processes` ends with what the rest of the machine took and what nobody did. `python` says by task what the
    threads do while they are in Python. `looks` counts the samples behind the steps.
    """

    events: int
    seconds: float
    processes: Parts
    threads: Parts
    steps: Parts
    python: dict[str, Parts]
    looks: dict[str, int]
    trouble: str | None

    @property
    def total(self) -> float:
        """Of the job and what it needs; not of the rest of the machine."""
        return sum(each for name, each in self.processes.items() if name not in (ELSEWHERE, IDLE))

    def as_json(self) -> dict[str, Any]:
        return {**asdict(self), "us_per_event": self.total, "events_per_second": self.events / self.seconds}


def account(
    found: Processes, quiet: Window, seen: Seen, java: Mapping[int, JavaThread], functions: Mapping[str, str]
) -> Account:
    """`quiet` says what each thread took while nobody looked into it, `seen` what it does with its time.

    `java` has the threads of the JVMs by their number, `functions` what each operator calls.
    """
    return Account(
        events=quiet.events,
        seconds=quiet.seconds,
        processes=_processes(found, quiet),
        threads=_threads(found, quiet, java, functions),
        steps=_steps(found, quiet, seen, java),
        python=_python(found, quiet, seen, java, functions),
        looks=_looks(found, seen, java),
        trouble=seen.trouble,
    )


def _processes(found: Processes, quiet: Window) -> Parts:
    rows = {JVM: found.task_managers, BROKER: found.brokers, JOB_MANAGER: found.job_managers}
    ours = {name: quiet.per_event(quiet.of(pids)) for name, pids in rows.items()}
    idle = quiet.per_event(quiet.machine.idle)
    return {**ours, ELSEWHERE: quiet.per_event(quiet.machine.total) - idle - sum(ours.values()), IDLE: idle}


def _threads(found: Processes, quiet: Window, java: Mapping[int, JavaThread], functions: Mapping[str, str]) -> Parts:
    """Of the JVMs, by what they are for."""
    parts: Parts = {}
    for pid in found.task_managers:
        for thread, seconds in quiet.threads.get(pid, {}).items():
            name = java[thread].name if thread in java else quiet.names[thread]
            add(parts, group(name, functions), quiet.per_event(seconds))
        add(parts, ENDED, quiet.per_event(quiet.ended(pid)))
    return ordered(parts)


def _steps(found: Processes, quiet: Window, seen: Seen, java: Mapping[int, JavaThread]) -> Parts:
    """Of the tasks' threads; nothing where the JVM was not sampled."""
    parts: Parts = {}
    for pid in found.task_managers:
        steps = jvm_steps.by_thread(seen.jvm.get(pid, []))
        tasks = {thread: each for thread, each in quiet.threads.get(pid, {}).items() if _is_task(java.get(thread))}
        if steps:
            by_native = {thread: steps.get(java[thread].number or 0, {}) for thread in tasks}
            _add_all(parts, quiet, shared_out(tasks, by_native, jvm_steps.OTHER))
    return ordered(parts)


def _is_task(thread: JavaThread | None) -> bool:
    return thread is not None and group(thread.name, {}).startswith(TASK)


def _python(
    found: Processes, quiet: Window, seen: Seen, java: Mapping[int, JavaThread], functions: Mapping[str, str]
) -> dict[str, Parts]:
    """By task, what its threads do in Python; nothing where they were not sampled."""
    tasks: dict[str, Parts] = {}
    for pid in found.task_managers:
        steps = jvm_steps.by_thread(seen.jvm.get(pid, []))
        does = python_steps.by_thread(seen.python.get(pid, []))
        for thread, seconds in quiet.threads.get(pid, {}).items():
            if thread in does and thread in java:
                looks = steps.get(java[thread].number or 0, {})
                inside = seconds * looks.get(jvm_steps.PYTHON, 0.0) / max(sum(looks.values()), 1.0)
                parts = tasks.setdefault(group(java[thread].name, functions).removeprefix(TASK), {})
                _add_all(parts, quiet, shared_out({thread: inside}, does, python_steps.OTHER))
    return {name: ordered(parts) for name, parts in sorted(tasks.items())}


def _add_all(parts: Parts, quiet: Window, seconds: Parts) -> None:
    for name, each in seconds.items():
        add(parts, name, quiet.per_event(each))


def _looks(found: Processes, seen: Seen, java: Mapping[int, JavaThread]) -> dict[str, int]:
    """How many samples there are of the tasks, and of Python within them."""
    tasks = {each.number for each in java.values() if _is_task(each)}
    return {
        JVM: sum(each.thread in tasks for pid in found.task_managers for each in seen.jvm.get(pid, [])),
        "Python": sum(each.seen for stacks in seen.python.values() for each in stacks),
    }
