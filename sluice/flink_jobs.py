"""The Flink jobs of the suite: where each is, and which topics it reads."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from sluice.errors import SluiceError
from sluice.settings import Settings, Topics
from udfs import references


@dataclass(frozen=True)
class FlinkJob:
    """`reads` names fields of the settings' topics, `reads_back` those that the job itself has written.

    `name` is also the job's folder and its consumer group.
    """

    name: str
    reads: tuple[str, ...]
    reads_back: tuple[str, ...] = ()

    @property
    def decides(self) -> bool:
        """Whether it reads card numbers, and so needs the token keys; the others carry what it has decided."""
        return "transactions" in self.reads

    @property
    def main(self) -> Path:
        return Path("jobs") / self.name / "main.py"

    def parallelism(self, settings: Settings) -> int:
        """How many slots it takes; a job whose section has no such setting runs on one."""
        return int(getattr(getattr(settings, self.name), "parallelism", 1))

    def inputs(self, topics: Topics) -> list[str]:
        """What others write for it."""
        return [getattr(topics, each) for each in self.reads]

    def topics(self, topics: Topics) -> list[str]:
        """All that it reads, in the order in which data flows."""
        return [*self.inputs(topics), *(getattr(topics, each) for each in self.reads_back)]


FLINK_JOBS = (
    FlinkJob("fraud_detection", ("transactions",)),
    FlinkJob("fraud_patterns", ("decisions", "customer_events"), reads_back=("terminal_uses", "customer_activity")),
    FlinkJob("enrichment", ("decisions", *references.NAMES)),
    FlinkJob("hot_state", ("decisions", "alerts")),
    FlinkJob("alert_episodes", ("alerts",)),
    FlinkJob("lake", ("decisions", "quarantine", "duplicates")),
)


JOB_NAMES = tuple(job.name for job in FLINK_JOBS)


def named(name: str) -> FlinkJob:
    """The job of that name. Raises SluiceError, which names all there are."""
    for each in FLINK_JOBS:
        if each.name == name:
            return each
    raise SluiceError(f"there is no job {name!r}; there are: {', '.join(JOB_NAMES)}")
