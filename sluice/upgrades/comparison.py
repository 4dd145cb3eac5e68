"""State that a savepoint holds against the operators that would take it over."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from enum import Enum
from typing import NamedTuple

from sluice.upgrades.operators import Fit, Fits, Planned, Saved, State

# The planner numbers the steps of a plan, `Deduplicate[4]`, and another plan has other numbers. The catalogue is always
# the same.
_NOISE = re.compile(r"\[\d+\]|\w+-default_catalog\.default_database\.")


class Verdict(Enum):
    """What becomes of a state. Flink refuses to start over what is EMPTY too, unless it may drop unknown state."""

    CARRIED = "carried"
    NEW = "new"
    EMPTY = "empty"
    MOVED = "moved"
    LOST = "lost"
    CHANGED = "changed"
    TOO_WIDE = "too wide"

    @property
    def breaks(self) -> bool:
        return self not in {Verdict.CARRIED, Verdict.NEW, Verdict.EMPTY}


class Finding(NamedTuple):
    """What becomes of the state of `operator`, in words on one line."""

    verdict: Verdict
    operator: str
    words: str


def compare(saved: Sequence[Saved], planned: Sequence[Planned], fits: Fits) -> list[Finding]:
    """What becomes of each operator's state when the planned job starts from the savepoint, what breaks at the end."""
    after = {each.id: each for each in planned}
    before = {each.id for each in saved}
    left = [each for each in saved if each.id not in after]
    free = [each for each in planned if each.id not in before]
    found = [each for was in saved if was.id in after for each in _taken_over(was, after[was.id], fits)]
    words = "has another id now, but nothing was in it"
    found += [Finding(Verdict.EMPTY, _label(was), words) for was in left if was.empty]
    for was in (each for each in left if not each.empty):
        successor = _successor(was, free)
        if successor is not None:
            free.remove(successor)
        found.append(_left_behind(was, successor))
    found += [
        Finding(Verdict.NEW, _label(each), f"begins empty: nothing in the savepoint has its id {each.id}")
        for each in free
        if each.remembers
    ]
    return sorted(found, key=lambda each: list(Verdict).index(each.verdict))


def _plain(name: str) -> str:
    return _NOISE.sub("", name)


def _label(operator: Saved | Planned) -> str:
    return operator.uid or _plain(operator.name)


def _successor(was: Saved, free: Sequence[Planned]) -> Planned | None:
    """The operator that would have the state, had its id not changed: by its name, or by the names of its states."""
    if was.uid is None:
        return next((each for each in free if each.uid is None and _plain(each.name) == _plain(was.name)), None)
    names = {each.name for each in was.states}
    alike = (each for each in free if each.uid and each.states and {state.name for state in each.states} == names)
    return next(alike, None)


def _left_behind(was: Saved, successor: Planned | None) -> Finding:
    what = f"{_names(was.states)}{was.size:,} bytes"
    if successor is None:
        return Finding(Verdict.LOST, _label(was), f"the job has no operator for it ({what})")
    if was.uid is None:
        words = f"its automatic id {was.id} has become {successor.id}, since the plan has changed ({what})"
    else:
        words = f"its uid has become {successor.uid!r}, which begins empty ({what})"
    return Finding(Verdict.MOVED, _label(was), words)


def _taken_over(was: Saved, now: Planned, fits: Fits) -> Iterator[Finding]:
    if was.empty:
        return
    label = _label(was)
    broken = [Finding(verdict, label, words) for verdict, words in (*_too_wide(was, now), *_unreadable(was, now, fits))]
    unseen = ", in a form that only the running job knows" if was.key and now.states is None else ""
    yield from broken or [Finding(Verdict.CARRIED, label, f"{_names(was.states)}{was.size:,} bytes{unseen}")]
    known = {each.name for each in was.states}
    for state in now.states or ():
        if state.name not in known:
            yield Finding(Verdict.NEW, label, f"its state {state.name!r} begins empty")


def _too_wide(was: Saved, now: Planned) -> Iterator[tuple[Verdict, str]]:
    saved_for = f"but its state was saved for {was.max_parallelism} at most"
    if now.parallelism > was.max_parallelism:
        yield Verdict.TOO_WIDE, f"{now.parallelism} subtasks, {saved_for}"
    elif now.max_parallelism not in {None, was.max_parallelism}:
        yield Verdict.TOO_WIDE, f"pipeline.max-parallelism is {now.max_parallelism}, {saved_for}"


def _unreadable(was: Saved, now: Planned, fits: Fits) -> Iterator[tuple[Verdict, str]]:
    if was.uid is None and _plain(was.name) != _plain(now.name):
        yield Verdict.CHANGED, f"its automatic id belongs to {_label(now)} now, which would take the state for its own"
    # Flink rewrites values at the start, but never keys: by them it is decided where the values lie.
    if was.key and now.key and fits(was.key, now.key) is not Fit.AS_IS:
        yield Verdict.CHANGED, f"saved by a key of {was.key.words}, but the job has a key of {now.key.words}"
    if now.states is None:
        return
    declared = {each.name: each for each in now.states}
    for state in was.states:
        successor = declared.get(state.name)
        if successor is None:
            yield Verdict.LOST, f"the job declares no state {state.name!r} any more"
        elif not _fits(state, successor, fits):
            yield Verdict.CHANGED, f"{state.name!r} was saved as {_form(state)}, but the job has {_form(successor)}"


def _fits(was: State, now: State, fits: Fits) -> bool:
    if was.kind != now.kind:
        return False
    return was.schema is None or now.schema is None or fits(was.schema, now.schema) is not Fit.REFUSED


def _form(state: State) -> str:
    return f"{state.kind} of {state.schema.words}" if state.schema else state.kind


def _names(states: Sequence[State]) -> str:
    return "".join(f"{each.name}, " for each in sorted(states, key=lambda each: each.name))
