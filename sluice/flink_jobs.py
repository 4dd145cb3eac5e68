"""The Flink jobs of the suite: where each is, and which topics it reads."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from sluice.errors import SluiceError
from sluice.settings import Topics
from udfs import references


@dataclass(frozen=True)
class FlinkJob:
    """`reads` names fields of the settings' topics; `name` is also the job's folder and its consumer group."""

    name: str
    reads: tuple[str, ...]

    @property
    def writes_decisions(self) -> bool:
        """Whether it is the deciding job; the others carry what it has decided."""
        return "decisions" not in self.reads

    @property
    def main(self) -> Path:
        return Path("jobs") / self.name / "main.py"

    def topics(self, topics: Topics) -> list[str]:
        return [getattr(topics, each) for each in self.reads]


FLINK_JOBS = (
    FlinkJob("fraud_detection", ("transactions",)),
    FlinkJob("fraud_patterns", ("decisions",)),
    FlinkJob("enrichment", ("decisions", *references.NAMES)),
    FlinkJob("hot_state", ("decisions", "alerts")),
    FlinkJob("lake", ("decisions", "quarantine", "duplicates")),
)


JOB_NAMES = tuple(job.name for job in FLINK_JOBS)


def named(name: str) -> FlinkJob:
    """The job of that name. Raises SluiceError, which names all there are."""
    for each in FLINK_JOBS:
        if each.name == name:
            return each
    raise SluiceError(f"there is no job {name!r}; there are: {', '.join(JOB_NAMES)}")
