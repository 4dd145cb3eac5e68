"""Samples of a Python worker to what it does: by the innermost frame that tells."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

ARROW = "Arrow and pandas"
TRANSPORT = "PyFlink, Beam and gRPC"
OTHER = "other Python"
WAITING = "waiting"
WOKEN = "gRPC's and Beam's waiting threads"

OURS = ("udfs/", "jobs/", "contracts/", "sluice/")
# A frame belongs to the first whose beginning its file has. The standard library and numpy count for their callers.
THEIRS: tuple[tuple[str, tuple[str, ...]], ...] = (
    (ARROW, ("pyarrow/", "pandas/", "pyflink/table/utils.py")),
    (TRANSPORT, ("pyflink/", "apache_beam/", "grpc/")),
)
_LINE = re.compile(r"^thread \((\d+)\)[^;]*;(.*) (\d+)$")
_FRAME = re.compile(r"^(?P<function>.*) \((?P<file>[^()]*?)(?::\d+)?\)$")
# Where a thread stands that has nothing to do: a lock of threading's, or gRPC's loop over what may come.
_WAITS = re.compile(r"(^|\.)(wait|acquire|_wait_for_tstate_lock|channel_spin|select|poll)$")
_STEP = re.compile(r"^(\w+)Function\.eval \(jobs/")


class Stack(NamedTuple):
    """`thread` (the kernel's number) was `seen` so often with these frames, the innermost first."""

    thread: int
    frames: tuple[str, ...]
    seen: int


def stacks(raw: str) -> Iterator[Stack]:
    """The lines of `py-spy record --threads --format raw`."""
    for line in raw.splitlines():
        found = _LINE.match(line)
        if found is not None:
            yield Stack(int(found[1]), tuple(reversed(found[2].split(";"))), int(found[3]))


def does(frames: Sequence[str]) -> str:
    """What a thread does: the module of ours that it is in, or which library, or that it waits."""
    innermost = _FRAME.match(frames[0])
    if innermost is not None and _WAITS.search(innermost["function"]):
        return WAITING
    for each in frames:
        found = _FRAME.match(each)
        if found is None:
            continue
        if found["file"].startswith(OURS):
            return found["file"].removesuffix(".py").replace("/", ".")
        for name, beginnings in THEIRS:
            if found["file"].startswith(beginnings):
                return name
    return OTHER


def by_thread(found: Iterable[Stack]) -> dict[int, dict[str, float]]:
    """How often each thread was seen doing what; waiting takes no processor time, so it is left out."""
    seen: dict[int, dict[str, float]] = {}
    for each in found:
        name = does(each.frames)
        if name != WAITING:
            steps = seen.setdefault(each.thread, {})
            steps[name] = steps.get(name, 0.0) + each.seen
    return seen


def served(found: Iterable[Stack]) -> str | None:
    """The step of the job whose worker this is, such as `gate`; None where no sample shows it."""
    for each in found:
        for frame in each.frames:
            step = _STEP.match(frame)
            if step is not None:
                return step[1].lower()
    return None
