"""Samples of threads that run Python to what they do: by the innermost frame that tells."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

ARROW = "Arrow"
OTHER = "other Python"

OURS = ("udfs/", "jobs/", "contracts/", "sluice/")
# The standard library and numpy count for their callers.
_ARROW_FILES = "pyarrow/"
_LINE = re.compile(r"^thread \((\d+)\)[^;]*;(.*) (\d+)$")
_FRAME = re.compile(r"^(?P<function>.*) \((?P<file>[^()]*?)(?::\d+)?\)$")


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
    """What a thread does: the module of ours that it is in, or Arrow."""
    for each in frames:
        found = _FRAME.match(each)
        if found is None:
            continue
        if found["file"].startswith(OURS):
            return found["file"].removesuffix(".py").replace("/", ".")
        if found["file"].startswith(_ARROW_FILES):
            return ARROW
    return OTHER


def by_thread(found: Iterable[Stack]) -> dict[int, dict[str, float]]:
    """How often each thread was seen doing what."""
    seen: dict[int, dict[str, float]] = {}
    for each in found:
        name, steps = does(each.frames), seen.setdefault(each.thread, {})
        steps[name] = steps.get(name, 0.0) + each.seen
    return seen
