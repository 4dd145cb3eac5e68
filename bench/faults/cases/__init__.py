"""All cases, in the order in which they run."""

from __future__ import annotations

from bench.faults.case import Case
from bench.faults.cases import (
    bootstrap,
    controls,
    disks,
    load,
    partitions,
    processes,
    sinks,
    state,
    traffic,
    upgrades,
)

_ALL: tuple[Case, ...] = (
    *processes.CASES,
    *disks.CASES,
    *traffic.CASES,
    *partitions.CASES,
    *load.CASES,
    *sinks.CASES,
    *state.CASES,
    *upgrades.CASES,
    *bootstrap.CASES,
    *controls.CASES,
)
# Those that are alone come last: between others, each would cost one more submission of all jobs.
CASES = tuple(sorted(_ALL, key=lambda each: each.alone))
