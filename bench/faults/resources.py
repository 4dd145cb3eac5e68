"""What servers hold in memory, and room on disk that is taken from them."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress

import psutil

from localstack.errors import ServerError
from localstack.processes import Processes


@contextmanager
def full_disk(processes: Processes, *names: str) -> Iterator[int]:
    """These servers can write to no file meanwhile; how many processes can't.

    A limit on the size of files stands for a disk without room: each write fails, with another number of the error.
    Raises ServerError where the system has no such limit.
    """
    if sys.platform != "linux":
        raise ServerError("only Linux can limit the files of a process that runs already; leave this case out")
    try:
        yield _limit_files(processes, names, most_bytes=0)
    finally:
        for _ in range(2):  # while the first round goes on, a child may still be born with the limit
            _limit_files(processes, names, most_bytes=None)


def _limit_files(processes: Processes, names: Sequence[str], most_bytes: int | None) -> int:
    """Limit what these servers write to a file, or lift the limit with None, children that came meanwhile included."""
    found = processes.pids(*names)
    for pid in found:
        with suppress(psutil.NoSuchProcess):
            process = psutil.Process(pid)
            _, hard = process.rlimit(psutil.RLIMIT_FSIZE)
            process.rlimit(psutil.RLIMIT_FSIZE, (hard if most_bytes is None else most_bytes, hard))
    return len(found)


def resident_mib(processes: Processes, name: str) -> int:
    """What a server and its children hold in memory; what several of them share counts once."""
    held = 0
    for pid in processes.pids(name):
        with suppress(psutil.NoSuchProcess):
            held += psutil.Process(pid).memory_full_info().pss
    return held // 2**20
