"""Processor time as the Linux kernel counts it, of threads, processes and the machine."""

from __future__ import annotations

import os
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path
from typing import NamedTuple

PROC = Path("/proc")
# Fields of a `stat` line after the command, which stands in brackets and may hold brackets and spaces itself.
_USER, _SYSTEM = 11, 12
_USED = ("user", "nice", "system", "idle", "iowait", "irq", "softirq", "steal")


class Used(NamedTuple):
    """Of one thread or process: its name, of which the kernel keeps 15 characters, and processor time in seconds."""

    name: str
    seconds: float


class Machine(NamedTuple):
    """Of all cores since the start, in seconds; `idle` counts waiting for disks too."""

    idle: float
    total: float


def used(stat: str, ticks: int) -> Used:
    """What a line of `/proc/<pid>/stat` or `/proc/<pid>/task/<tid>/stat` says, at `ticks` a second."""
    name, _, rest = stat.partition("(")[2].rpartition(")")
    fields = rest.split()
    return Used(name, (int(fields[_USER]) + int(fields[_SYSTEM])) / ticks)


def machine(stat: str, ticks: int) -> Machine:
    """What the first line of `/proc/stat` says; guests stand in `user` already."""
    fields = dict(zip(_USED, map(int, stat.split()[1:]), strict=False))
    return Machine((fields["idle"] + fields["iowait"]) / ticks, sum(fields.values()) / ticks)


def _ticks() -> int:
    return os.sysconf("SC_CLK_TCK")


def of_machine() -> Machine:
    with (PROC / "stat").open(encoding="ascii") as lines:
        return machine(next(lines), _ticks())


def of_processes(pids: Iterable[int]) -> dict[int, float]:
    """Seconds by process, with those of threads that have ended; what is gone is left out."""
    found = {}
    for pid in pids:
        with suppress(OSError):
            found[pid] = _read(PROC / f"{pid}/stat").seconds
    return found


def of_threads(pid: int) -> dict[int, Used]:
    """Each living thread of a process; none when it is gone."""
    found = {}
    with suppress(OSError):
        for task in (PROC / f"{pid}/task").iterdir():
            with suppress(OSError):  # threads may end meanwhile
                found[int(task.name)] = _read(task / "stat")
    return found


def _read(file: Path) -> Used:
    return used(file.read_text(encoding="utf-8", errors="replace"), _ticks())
