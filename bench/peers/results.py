"""What was measured, over all rounds: kept as JSON, summed up by medians."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from statistics import median
from typing import Any

from bench.peers.systems import SLUICE, SYSTEMS
from sluice.errors import SluiceError

DRAIN_FIGURES = ("events_per_second", "second_half", "startup_seconds", "wall_seconds", "peak_mib", "repeats")
LATENCY_FIGURES = ("p50", "p99")


@dataclass(frozen=True)
class Summary:
    """Medians of one system; `ratio` is its rate in the rate of Sluice, None where one of them is unknown."""

    system: str
    rounds: int
    figures: Mapping[str, float]
    lowest: float | None
    highest: float | None
    ratio: float | None


class Results:
    """`conditions` say what was measured; runs under others cannot be added."""

    def __init__(self, conditions: Mapping[str, Any]) -> None:
        self.conditions = dict(conditions)
        self.drains: list[dict[str, Any]] = []
        self.latencies: list[dict[str, Any]] = []

    def add_earlier(self, earlier: Mapping[str, Any] | None) -> None:
        """Go on from what `as_json` gave. Raises SluiceError where there is nothing, or it was measured otherwise."""
        if earlier is None:
            raise SluiceError("there is no earlier round to append to; leave --append out")
        if earlier["conditions"] != self.conditions:
            raise SluiceError(f"the earlier rounds were measured with {earlier['conditions']}, not {self.conditions}")
        self.drains, self.latencies = list(earlier["drains"]), list(earlier["latencies"])

    def as_json(self) -> dict[str, Any]:
        return {"conditions": self.conditions, "drains": self.drains, "latencies": self.latencies}

    def summaries(self) -> list[Summary]:
        """One for each system that was measured, in their order."""
        return [self._summary(key) for key in SYSTEMS if _of(key, self.drains) or _of(key, self.latencies)]

    def _summary(self, key: str) -> Summary:
        drains, latencies = _of(key, self.drains), _of(key, self.latencies)
        figures = medians(drains, DRAIN_FIGURES) | medians(latencies, LATENCY_FIGURES)
        rates = [each["events_per_second"] for each in drains]
        ours = medians(_of(SLUICE.key, self.drains), DRAIN_FIGURES)
        ratio = figures["events_per_second"] / ours["events_per_second"] if rates and ours else None
        return Summary(key, len(drains), figures, min(rates, default=None), max(rates, default=None), ratio)


def _of(system: str, runs: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    return [each for each in runs if each["system"] == system]


def medians(runs: Sequence[Mapping[str, Any]], names: Sequence[str]) -> dict[str, float]:
    """The median of each figure; nothing when there was no run."""
    return {name: median(each[name] for each in runs) for name in names} if runs else {}
