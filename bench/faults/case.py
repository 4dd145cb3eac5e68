"""What a case of the fault runs is."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from bench.faults.stage import Proof, Stage
from sluice.flink_jobs import JOB_NAMES

Changes = tuple[tuple[str, str], ...]
"""Texts, each with what stands in its place."""


@dataclass(frozen=True)
class Case:
    """`run` breaks and heals, and gives the proof that it did.

    `jobs` run in the house. A case that is `alone` has a house for itself: what it does would spoil it for others.
    `must_fail` names checks; with any, the case is a negative control, which passes when these checks fail. `alter`
    maps a job to changes of its SQL during this case. Without `judged`, its proof alone decides.
    """

    name: str
    title: str
    run: Callable[[Stage], Proof]
    jobs: tuple[str, ...] = JOB_NAMES
    alone: bool = False
    must_fail: frozenset[str] = frozenset()
    judged: bool = True
    alter: Mapping[str, Changes] = field(default_factory=dict)
