"""What a case has in hand: the running house, ways to feed it and to break it, and what tells that it broke."""

from __future__ import annotations

import signal
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from pathlib import Path
from random import Random

from bench.faults.cluster import FaultStack
from bench.faults.feed import Feed, Place, traffic
from bench.proof.house import RUNNING_SECONDS, House
from localstack.errors import ServerError
from localstack.flink import JOB_MANAGER
from localstack.flink_jobs import ENDED
from localstack.waiting import until
from sluice.errors import SluiceError
from sluice.flink_jobs import named
from udfs.times import clock_ms

DECIDING = "fraud_detection"
TRANSACTIONS = 8_000
CARDS = 2_000
RATE = 1_000
HOURS = 6.0
CHECKPOINT_SECONDS = 90.0
BACK_SECONDS = 120.0

Proof = Callable[[], dict[str, int]]
"""Asked once everything is quiet: how often what happened; each number must be above zero."""


@dataclass
class Stage:
    """`rng` comes from the run's seed and the case's name, so a case does the same alone and among others.

    `ended` counts TaskManagers that have ended by themselves. `savepoints` has the latest of each job that was stopped.
    """

    stack: FaultStack
    house: House
    rng: Random
    planted: set[str] = field(default_factory=set)
    began_ms: int = field(default_factory=clock_ms)
    ended: int = 0
    savepoints: dict[str, str] = field(default_factory=dict)

    def feed(
        self,
        transactions: int = TRANSACTIONS,
        rate: int = RATE,
        *,
        cards: int = CARDS,
        hours: float = HOURS,
        change: Callable[[Iterable[tuple[bytes, bytes]]], Iterable[tuple[bytes, bytes]]] = lambda each: each,
        place: Place = lambda _: None,
    ) -> Feed:
        """Begin to send new traffic of the last `hours`.

        `change` may do something to its keys and values, and `place` names a key's partition.
        """
        messages, planted = traffic(transactions, cards, self.rng.randrange(2**31), hours)
        self.planted |= planted
        kafka = self.house.settings.kafka
        pairs = [(each.key, each.value) for each in messages]
        return Feed(kafka.bootstrap, kafka.topics.transactions, change(pairs), rate, place)

    def feed_to_the_middle(self, share: float = 0.5, rate: int = RATE) -> Feed:
        """Begin to send, and wait until so much is sent and a checkpoint of the deciding job covers some of it.

        What came after that checkpoint is what a job that breaks now has to do again.
        """
        if not until(lambda: all(map(self.house.completed_checkpoints, self.house.ids)), CHECKPOINT_SECONDS):
            raise SluiceError(f"not every job has a checkpoint after {CHECKPOINT_SECONDS:.0f} s")
        decided, covered = self.house.decided(), self.house.completed_checkpoints(DECIDING)
        feed = self.feed(rate=rate)
        feed.reach(
            share,
            lambda: self.house.decided() > decided and self.house.completed_checkpoints(DECIDING) > covered,
        )
        return feed

    def uncovered(self) -> int:
        """How many transactions no checkpoint of the deciding job covers."""
        return self.house.open_messages(DECIDING)

    def kill(self, *names: str) -> int:
        """Kill servers with all their children, without a warning; how many processes."""
        processes = self.stack.processes
        killed = sum(processes.signal(name, signal.SIGKILL) for name in names)
        if not until(lambda: not any(map(processes.is_alive, names)), BACK_SECONDS):
            raise ServerError(f"{', '.join(names)}: still there after a kill")
        return killed

    def bring_back_task_managers(self) -> None:
        if not self.stack.flink.start_missing_task_managers():
            raise ServerError("no TaskManager was missing")
        self._wait_for_flink()

    def bring_back_job_manager(self) -> None:
        if not self.stack.flink.start_missing_job_manager():
            raise ServerError(f"the {JOB_MANAGER} is still there")
        self._wait_for_flink()

    def keep_task_managers(self) -> None:
        """Replace those that have ended by themselves, as the manager of a cluster does."""
        self.ended += len(self.stack.flink.start_missing_task_managers())

    def _wait_for_flink(self) -> None:
        def is_ready() -> bool:
            self.keep_task_managers()
            return self.stack.flink.is_ready()

        if not until(is_ready, BACK_SECONDS):
            raise ServerError(f"Flink has not all its TaskManagers after {BACK_SECONDS:.0f} s")

    def start_from_savepoint(
        self, job: str, program: Path | None = None, file: Path | None = None, *, drop_unknown_state: bool = False
    ) -> None:
        """Stop the job with a savepoint and start it from there, as `program` or with other settings in `file`.

        Where the start fails, the savepoint stays for the next try. Raises ServerError.
        """
        flink = self.stack.flink
        if flink.jobs.state(self.house.ids[job]) not in ENDED:
            self.savepoints[job] = flink.jobs.stop(self.house.ids[job])
        job_id = flink.submit(
            program or named(job).main,
            file or self.house.file,
            self.savepoints[job],
            drop_unknown_state=drop_unknown_state,
        )
        flink.jobs.wait_running(job_id, RUNNING_SECONDS)
        self.house.ids[job] = job_id

    def wait_for_checkpoint(self, job: str, since_ms: int) -> None:
        """Wait for a completed checkpoint of `job` that was begun after `since_ms`. Raises SluiceError."""

        def is_there() -> bool:
            latest = self.house.checkpoints(job)["latest"]["completed"]
            return latest is not None and latest["trigger_timestamp"] >= since_ms

        if not until(is_there, CHECKPOINT_SECONDS):
            trouble = self.stack.flink.jobs.trouble(self.house.ids[job])
            raise SluiceError(f"{job} has completed no checkpoint in {CHECKPOINT_SECONDS:.0f} s: {trouble}")

    def failures(self, job: str, since_ms: int) -> int:
        """How often the job has failed since then."""
        history = self.stack.flink.jobs.get(f"/jobs/{self.house.ids[job]}/exceptions")["exceptionHistory"]
        return sum(each["timestamp"] >= since_ms for each in history["entries"])

    def failed_checkpoints(self) -> int:
        """How many checkpoints of all jobs have failed so far."""
        return sum(self.house.checkpoints(job)["counts"]["failed"] for job in self.house.ids)

    def restarted_jobs(self) -> int:
        """How many jobs have gone through a restart since the case began."""
        return sum(self.house.restarted(job, self.began_ms) for job in self.house.ids)
