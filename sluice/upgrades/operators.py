"""Operators and their state, as a savepoint holds them and as a job plans them. Pure: Flink is asked elsewhere."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum
from typing import Any, NamedTuple


class Fit(Enum):
    """Whether what was written can be read: as it stands, by being rewritten at the start, or not at all."""

    AS_IS = "as is"
    REWRITTEN = "rewritten"
    REFUSED = "refused"


class Schema(NamedTuple):
    """How values are written: `words` for people, `value` for Flink's own comparison."""

    words: str
    value: Any = None


Fits = Callable[[Schema, Schema], Fit]
"""Of what was saved, then of what is planned."""


@dataclass(frozen=True)
class State:
    """A named state of an operator. `schema` is None where it is not known before the job runs."""

    name: str
    kind: str
    schema: Schema | None = None


@dataclass(frozen=True)
class Saved:
    """An operator that has state in a savepoint, of `size` bytes; `uid` is None where Flink made its id by itself.

    `empty` where there is an entry for its state, but nothing in it.
    """

    id: str
    name: str
    uid: str | None
    max_parallelism: int
    size: int
    key: Schema | None = None
    states: tuple[State, ...] = ()
    empty: bool = False


@dataclass(frozen=True)
class Planned:
    """An operator of the job as the code would submit it now.

    `states` is None where they are not known before the job runs. One that `remembers` needs state to go on rightly.
    """

    id: str
    name: str
    uid: str | None
    parallelism: int
    max_parallelism: int | None = None
    remembers: bool = False
    key: Schema | None = None
    states: tuple[State, ...] | None = None
