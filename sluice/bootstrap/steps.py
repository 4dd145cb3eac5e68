"""New state for the deciding job, built from the lake: what is done, step by step."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple

from jobs.fraud_detection.bootstrap import JOB, states
from jobs.warehouse_load import lake_files
from localstack.flink import FlinkCluster
from localstack.flink_jobs import ENDED
from localstack.interrupts import postponed
from sluice import kafka
from sluice.bootstrap import lake, topic, transactions
from sluice.bootstrap.reading import wait_for_next_checkpoint, wait_until_read
from sluice.bootstrap.savepoint import keep_only
from sluice.bootstrap.watch import Watch
from sluice.errors import SluiceError
from sluice.flink_jobs import named
from sluice.settings import Settings

DECIDING = named("fraud_detection")
LAKE = named("lake")
RUNNING_SECONDS = 180.0
STANDSTILL_SECONDS = 60.0
"""A job that has not moved for so long, and its checkpoint's interval, is not waited for any more."""


class Built(NamedTuple):
    """The new run of the deciding job, how many transactions its state is built of, and where it goes on."""

    job_id: str
    transactions: int
    ends: Mapping[int, int]


class Bootstrap(NamedTuple):
    """On the cluster `flink`, with jobs that are submitted with `settings_file`, which holds `settings`."""

    flink: FlinkCluster
    settings: Settings
    settings_file: Path
    watch: Watch

    def run(self) -> Built:
        """Stop the deciding job, build its state anew and start it with that. Raises SluiceError.

        The state is that of its group's positions, where it goes on: a message is in the state or is read again, never
        both and never neither. So it does not matter whether the last position before the stop has reached Kafka.
        """
        lake_job = self._lake_job()
        self._stop()
        ends = self._positions()
        self.watch.begin("Waiting until the lake has every decision …")
        seconds = STANDSTILL_SECONDS + self.settings.lake.checkpoint_seconds
        self._wait_until_read(lake_job, LAKE.name, self.settings.kafka.topics.decisions, seconds)
        # The lake's position is known before the files that it stands for can be seen.
        wait_for_next_checkpoint(self.flink.jobs, lake_job, seconds)
        with topic.created(self.settings.kafka.bootstrap, self.settings.kafka.topics.bootstrap, len(ends)):
            savepoint, count = self._build(ends)
        keep_only(savepoint, states(self.settings.fraud_detection))
        self.watch.keep(f"The state of {count:,} transactions is in {savepoint}")
        self.watch.begin(f"Starting {DECIDING.name} …")
        kafka.stand_at(self.settings.kafka.bootstrap, DECIDING.name, self.settings.kafka.topics.transactions, ends)
        job_id = self.flink.submit(DECIDING.main, self.settings_file, savepoint)
        self.flink.jobs.wait_running(job_id, RUNNING_SECONDS)
        return Built(job_id, count, ends)

    def _lake_job(self) -> str:
        """The id of the running lake job, which has carried decisions to an S3 that answers: else nothing is begun."""
        found = self.flink.jobs.newest().get(LAKE.name)
        if found is None or found.state != "RUNNING":
            state = "not submitted" if found is None else found.state
            raise SluiceError(
                f"the job {LAKE.name} is {state}, and state is built from what it carries; "
                f"start it with `sluice submit {LAKE.name}` and try again"
            )
        place = self.settings.lake
        if not any(each.kind == lake.DECISIONS.name for each in lake_files.on_s3(self.settings.aws, place)):
            raise SluiceError(f"s3://{place.bucket}/{place.prefix} holds no decisions; check lake.bucket, lake.prefix")
        return found.id

    def _stop(self) -> None:
        """Stop the deciding job with a savepoint; one that does not run, perhaps since it can't, has none to take."""
        jobs, name = self.flink.jobs, DECIDING.name
        found = jobs.newest().get(name)
        if found is None or found.state in ENDED:
            self.watch.keep(f"{name} did not run.")
        elif found.state == "RUNNING":
            self.watch.begin(f"Stopping {name} with a savepoint …")
            with postponed():  # a Ctrl-C must not hide where the savepoint is
                savepoint = jobs.stop(found.id)
                self.watch.keep(f"{name} has stopped. The way back: sluice submit {name} --from {savepoint}")
        else:
            jobs.cancel(found.id)
            self.watch.keep(f"{name} was {found.state}, and is cancelled. The way back: sluice restore {name}")

    def _positions(self) -> dict[int, int]:
        """Where the deciding job's group stands in each partition of the raw topic."""
        name = self.settings.kafka.topics.transactions
        found = kafka.positions(self.settings.kafka.bootstrap, DECIDING.name, name)
        if not found:
            raise SluiceError(
                f"the group {DECIDING.name} stands nowhere in {name}, so nothing says what was decided; "
                f"`sluice submit {DECIDING.name}` begins anew"
            )
        return found

    def _build(self, ends: Mapping[int, int]) -> tuple[str, int]:
        """Have the other job read what the lake holds; its savepoint, and how many transactions it has read."""
        jobs = self.flink.jobs
        for left in jobs.all():
            if left.name == JOB.name and left.state not in ENDED:
                jobs.cancel(left.id)
        self.watch.begin(f"Submitting {JOB.name} …")
        job_id = self.flink.submit(DECIDING.main.with_name("bootstrap.py"), self.settings_file)
        try:
            self.watch.begin("Reading the lake …")
            count = transactions.send(self.settings, ends, self.watch)
            self.watch.begin("Building state …")
            self._wait_until_read(job_id, JOB.name, self.settings.kafka.topics.bootstrap, RUNNING_SECONDS)
            return jobs.stop(job_id), count
        finally:
            if jobs.state(job_id) not in ENDED:
                jobs.cancel(job_id)

    def _wait_until_read(self, job_id: str, group: str, name: str, seconds: float) -> None:
        bootstrap = self.settings.kafka.bootstrap
        wait_until_read(self.flink.jobs, job_id, bootstrap, group, name, seconds, self.watch)
