"""The whole suite on real servers, under names of its own."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import orjson

from bench.proof import judge
from localstack import resources
from localstack.kafka import KafkaBroker
from localstack.stack import Stack
from localstack.waiting import until
from sluice.demo.play import open_messages
from sluice.flink_jobs import FLINK_JOBS, JOB_NAMES, FlinkJob, named
from sluice.kafka import BulkSender, Record, end_offsets, read_all
from sluice.settings import Settings, Topics, dump, with_checkpoints
from tests.oracle.patterns import Act

RUNNING_SECONDS = 240.0
CHECKPOINT_SECONDS = 3
ENDS = ("decisions", "quarantine", "duplicates")


def settings_named(name: str, base: Settings) -> Settings:
    """The settings of `base` with topics, tables and folders of their own, and frequent checkpoints."""
    topics = Topics(**{field: f"{name}-{field}" for field in Topics.model_fields})
    tables = {f"{each}_table": f"{name}-{each}" for each in ("cards", "transactions", "alerts")}
    database = base.local.home / name / "warehouse.duckdb"
    changed = base.model_copy(
        update={
            "kafka": base.kafka.model_copy(update={"topics": topics}),
            "hot_state": base.hot_state.model_copy(update=tables),
            "lake": base.lake.model_copy(update={"prefix": name}),
            "warehouse": base.warehouse.model_copy(update={"database": database}),
        }
    )
    return with_checkpoints(changed, CHECKPOINT_SECONDS, *JOB_NAMES)


@dataclass
class House:
    """Running jobs on running servers; `file` holds their settings, `ids` is job name to Flink's id."""

    stack: Stack
    settings: Settings
    file: Path
    ids: dict[str, str]

    def send(self, messages: Iterable[tuple[bytes, bytes]], topic: str = "transactions") -> int:
        """Into a topic, by its name in the settings."""
        sender = BulkSender(self.settings.kafka.bootstrap)
        count = 0
        for key, value in messages:
            sender.send(getattr(self.settings.kafka.topics, topic), key, value)
            count += 1
        sender.close()
        return count

    def read(self, topic: str) -> list[Record]:
        """All of a topic, by its name in the settings."""
        return list(read_all(self.settings.kafka.bootstrap, getattr(self.settings.kafka.topics, topic)))

    def values(self, topic: str) -> Iterator[Any]:
        """The JSON that stands in a topic, by its name in the settings."""
        return (orjson.loads(each.value) for each in self.read(topic))

    def at_terminals(self) -> list[judge.At]:
        """The places of transactions in the order in which patterns at terminals see them."""
        return judge.order_at_terminals(self.values("terminal_uses"), self.values("decisions"))

    def by_customers(self) -> list[judge.At | Act]:
        """The places of transfers, and the events, in the order in which patterns over both see them."""
        return judge.order_by_customers(self.values("customer_activity"), self.values("decisions"))

    def orders(self) -> tuple[list[judge.At], list[judge.At | Act]]:
        """Both, as the oracle takes them."""
        return self.at_terminals(), self.by_customers()

    def count(self, topic: str) -> int:
        return sum(end_offsets(self.settings.kafka.bootstrap, getattr(self.settings.kafka.topics, topic)).values())

    def decided(self) -> int:
        """How many messages stand in the topics in which each record has its end, repeats of a restart included."""
        return sum(map(self.count, ENDS))

    def open_messages(self, job: str) -> int:
        return open_messages(self.settings, named(job))

    def checkpoints(self, job: str) -> Any:
        return self.stack.flink.jobs.get(f"/jobs/{self.ids[job]}/checkpoints")

    def completed_checkpoints(self, job: str) -> int:
        count: int = self.checkpoints(job)["counts"]["completed"]
        return count

    def restarted(self, job: str, since_ms: int = 0) -> bool:
        """Whether the job has gone through a restart since then; read from its history, since metrics come late."""
        entered: dict[str, int] = self.stack.flink.jobs.get(f"/jobs/{self.ids[job]}")["timestamps"]
        return entered["RESTARTING"] > since_ms

    def settle(self, seconds: float, meanwhile: Callable[[], object] = lambda: None) -> None:
        """Wait until each job has covered all of its input with a checkpoint, in the order in which data flows."""

        def is_done(name: str) -> bool:
            meanwhile()
            return self.open_messages(name) == 0

        for name, job_id in self.ids.items():
            done = until(partial(is_done, name), seconds, 0.5)
            assert done, f"{name}: {self.open_messages(name)} messages left; {self.stack.flink.jobs.trouble(job_id)}"


@contextmanager
def running(
    stack: Stack,
    name: str,
    jobs: Iterable[FlinkJob] = FLINK_JOBS,
    *,
    base: Settings | None = None,
    mains: Mapping[str, Path] | None = None,
    savepoints: Mapping[str, str] | None = None,
) -> Iterator[House]:
    """A house whose jobs are cancelled at the end; its data stays.

    `base` stands for the stack's own settings, `mains` for the programs of the jobs that it names, and `savepoints` for
    an empty state of those that it names.
    """
    settings = settings_named(name, base or stack.settings)
    assert until(KafkaBroker(settings, stack.processes).is_ready, 60)
    resources.create(settings)
    file = dump(settings, settings.local.home / name / "settings.yaml")
    house = House(stack, settings, file, {})
    try:
        for job in jobs:
            main, savepoint = (mains or {}).get(job.name, job.main), (savepoints or {}).get(job.name)
            # Sinks keep nothing, but Flink takes their empty state for lost where the plan has others now.
            drop = savepoint is not None
            house.ids[job.name] = stack.flink.submit(main, file, savepoint, drop_unknown_state=drop)
        for job_id in house.ids.values():
            stack.flink.jobs.wait_running(job_id, RUNNING_SECONDS)
        yield house
    finally:
        for job_id in house.ids.values():
            stack.flink.jobs.cancel(job_id)
