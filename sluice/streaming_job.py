"""What every streaming job of the suite does alike: its basic settings, and its start by `flink run -py`."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Callable
from pathlib import Path

from pyflink.datastream import StreamExecutionEnvironment
from pyflink.table import EnvironmentSettings, StatementSet, StreamTableEnvironment, TableEnvironment

from sluice import kafka, property_groups, settings
from sluice.flink_jobs import FlinkJob

# While checkpoints can't be written, or what they wait for is away, the job goes on without: that is a delay, not a
# failure, and a restart would not help. What is not covered shows as lag.
_TOLERATED_CHECKPOINT_FAILURES = 1_000_000
RESTORED_FROM = "execution.state-recovery.path"
"""Flink's setting for the savepoint or checkpoint that a job is started from."""


def configure(table_env: TableEnvironment, name: str, parallelism: int, checkpoint_seconds: float) -> None:
    """Name, parallelism, UTC and checkpoints; what is alike for a whole cluster is in its config.yaml."""
    config = table_env.get_config()
    config.set("pipeline.name", name)
    config.set("parallelism.default", str(parallelism))
    config.set("table.local-time-zone", "UTC")
    config.set("execution.checkpointing.interval", f"{round(checkpoint_seconds * 1_000)} ms")
    config.set("execution.checkpointing.tolerable-failed-checkpoints", str(_TOLERATED_CHECKPOINT_FAILURES))


def environment() -> StreamTableEnvironment:
    """Tables and statements of one streaming job, with the cluster's settings as far as they are known here."""
    streams = StreamExecutionEnvironment.get_execution_environment()
    return StreamTableEnvironment.create(streams, EnvironmentSettings.in_streaming_mode())


def run(job: FlinkJob, build: Callable[[StreamTableEnvironment, settings.Settings], StatementSet]) -> None:
    """Build `job` with the settings that the command line names, and start it.

    A job that takes over no state begins at the oldest message, as its group is told here. Flink's own way to say so
    would also hold where a checkpoint's position has been deleted, and go on past the gap without a word.
    One that takes over state begins where that says, or, for a source that it does not hold, where the group stands: in
    a topic that the job did not read before, at the oldest message.
    """
    parser = argparse.ArgumentParser(description=sys.modules["__main__"].__doc__)
    parser.add_argument("--settings", type=Path, help="settings file (default: sluice.yaml, then the defaults)")
    if property_groups.RUNTIME_FILE.exists():
        # AWS starts the job wherever it likes; paths in the settings begin where the package was unpacked.
        os.chdir(settings.PROJECT_ROOT)
    values = settings.load(parser.parse_args().settings)
    table_env = environment()
    statements = build(table_env, values)
    bootstrap, topics = values.kafka.bootstrap, job.topics(values.kafka.topics)
    if table_env.get_config().get(RESTORED_FROM, ""):
        topics = [topic for topic in topics if not kafka.positions(bootstrap, job.name, topic)]
    if topics:
        kafka.start_at_oldest(bootstrap, job.name, topics)
    statements.execute()
