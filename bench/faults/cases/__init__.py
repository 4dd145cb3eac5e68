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

CASES: tuple[Case, ...] = (
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
