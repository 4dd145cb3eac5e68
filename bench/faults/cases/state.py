"""What a job remembers: carried to another parallelism, damaged, or pointing to what Kafka has deleted."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import yaml
from confluent_kafka import TopicPartition
from confluent_kafka.admin import AdminClient

from bench.faults.case import Case
from bench.faults.stage import BACK_SECONDS, DECIDING, Proof, Stage
from localstack import flink_checkpoints
from localstack.errors import ServerError
from localstack.waiting import until
from sluice import kafka
from sluice.errors import SluiceError
from sluice.flink_jobs import named
from sluice.settings import dump
from udfs.times import clock_ms

OUT_OF_RANGE = "OffsetOutOfRange"
WRONG_SETTINGS = {
    "lake.prefix": {"lake": {"prefix": "/lake"}},
    "fraud_detection.paralelism": {"fraud_detection": {"paralelism": 2}},
    "kafka.bootstrap": {"kafka": {"bootstrap": "no-port"}},
    "hot_state.writers": {"hot_state": {"writers": 0}},
}


def _widest(stage: Stage) -> int:
    vertices = stage.stack.flink.jobs.get(f"/jobs/{stage.house.ids[DECIDING]}")["vertices"]
    return max(int(each["parallelism"]) for each in vertices)


def _at_parallelism(stage: Stage, number: int) -> None:
    """Stop the deciding job with a savepoint and start it from there, with so many subtasks."""
    house = stage.house
    section = house.settings.fraud_detection.model_copy(update={"parallelism": number})
    settings = house.settings.model_copy(update={"fraud_detection": section})
    file = dump(settings, house.file.with_name(f"parallelism-{number}.yaml"))
    stage.start_from_savepoint(DECIDING, file=file)
    if _widest(stage) != number:
        raise SluiceError(f"{DECIDING} runs with {_widest(stage)} subtasks, not {number}")


def _rescaled(stage: Stage) -> Proof:
    before = _widest(stage)
    feed = stage.feed(rate=150)
    feed.reach(0.1)
    for number in (2 * before, before):
        decided = stage.house.decided()
        _at_parallelism(stage, number)
        if not until(lambda: stage.house.decided() > decided, BACK_SECONDS):  # noqa: B023 - asked at once
            raise SluiceError(f"no decision at parallelism {number}")
    feed.finish()
    return lambda: {f"savepoints that carried it from {before} to {2 * before} and back": 2}


def _damage(folder: Path) -> int:
    """Cut every file in half; how many."""
    files = [each for each in folder.iterdir() if each.is_file()]
    for each in files:
        each.write_bytes(each.read_bytes()[: each.stat().st_size // 2])
    return len(files)


def _corrupt_checkpoint(stage: Stage) -> Proof:
    house, flink = stage.house, stage.stack.flink
    stage.feed_to_the_middle().finish()
    stage.wait_for_checkpoint(DECIDING, clock_ms())
    stage.kill(*flink.task_manager_names)
    newest, older, *_ = flink_checkpoints.retained(house.settings, house.ids[DECIDING])
    damaged = _damage(newest.folder)
    stage.bring_back_task_managers()
    since_ms = clock_ms()
    if not until(lambda: stage.failures(DECIDING, since_ms) > 1, BACK_SECONDS):
        raise SluiceError(f"{DECIDING} does not mind a damaged checkpoint")
    failures = stage.failures(DECIDING, since_ms)
    house.ids[DECIDING] = flink_checkpoints.restore(flink, named(DECIDING), house.ids[DECIDING], older, house.file)
    return lambda: {
        "files damaged": damaged,
        "starts that failed": failures,
        "older checkpoints restored": house.checkpoints(DECIDING)["counts"]["restored"],
    }


def _with_a_gap(stage: Stage) -> tuple[int, int]:
    """Kafka deletes what the job has not read while it is down; how many records, and how many ends there were."""
    house = stage.house
    bootstrap, topic = house.settings.kafka.bootstrap, house.settings.kafka.topics.transactions
    stage.feed(2_000).finish()
    house.settle(BACK_SECONDS)
    before = kafka.end_offsets(bootstrap, topic)
    stage.kill(*stage.stack.flink.task_manager_names)
    stage.feed(2_000).finish()
    ends = {number: (before[number] + end) // 2 for number, end in kafka.end_offsets(bootstrap, topic).items()}
    client = AdminClient({"bootstrap.servers": bootstrap, "log_level": 0})
    deleted = client.delete_records([TopicPartition(topic, number, offset) for number, offset in ends.items()])
    for each in deleted.values():
        each.result()
    decided = house.decided()
    stage.bring_back_task_managers()
    return sum(ends.values()) - sum(before.values()), decided


def _offsets_deleted(stage: Stage) -> Proof:
    deleted, decided = _with_a_gap(stage)
    job_id = stage.house.ids[DECIDING]
    if not until(lambda: OUT_OF_RANGE in stage.stack.flink.jobs.trouble(job_id), BACK_SECONDS):
        raise ServerError(f"{DECIDING} says nothing of the records that Kafka has deleted")
    if behind := stage.house.decided() - decided:
        raise SluiceError(f"{behind} decisions were made on what is behind the gap")
    return lambda: {"records deleted that no one had read": deleted, f"failures that say {OUT_OF_RANGE}": 1}


def skips_what_is_deleted(stage: Stage) -> Proof:
    """What the case above is there to see: the job goes on behind the gap."""
    deleted, decided = _with_a_gap(stage)
    if not until(lambda: stage.house.decided() > decided, BACK_SECONDS):
        raise SluiceError(f"{DECIDING} does not go on")
    behind = stage.house.decided() - decided
    return lambda: {"records deleted that no one had read": deleted, "decisions behind the gap, without a word": behind}


def _wrong_settings(stage: Stage) -> Proof:
    """Refused by the verb, and by the job's own program where somebody submits it without the verb."""
    command = Path(sys.executable).with_name("sluice")
    jobs, refused = len(stage.stack.flink.jobs.all()), 0
    for field, values in WRONG_SETTINGS.items():
        file = stage.house.file.with_name("wrong.yaml")
        file.write_text(yaml.safe_dump(values), encoding="utf-8")
        done = subprocess.run([command, "submit", "--settings", file], capture_output=True, text=True, check=False)
        refused += done.returncode == 1 and field in done.stderr and "Traceback" not in done.stderr
    try:
        stage.stack.flink.submit(named(DECIDING).main, file)
    except ServerError as error:
        refused += field in str(error) or field in stage.stack.processes.log(f"submit-{DECIDING}").read_text()
    if refused != len(WRONG_SETTINGS) + 1 or len(stage.stack.flink.jobs.all()) != jobs:
        raise SluiceError(f"{refused} of {len(WRONG_SETTINGS) + 1} wrong settings were refused by name")
    return lambda: {"wrong settings refused by name, with no job submitted": refused}


CASES = (
    Case("rescaled", "fraud_detection by savepoint from 2 subtasks to 4 and back, while it is fed", _rescaled),
    Case("corrupt_checkpoint", "The newest checkpoint is damaged; back to an older one", _corrupt_checkpoint),
    Case("wrong_settings", "Wrong settings are refused before anything is submitted", _wrong_settings, judged=False),
    Case(
        "offsets_deleted",
        "Retention deletes what was not read: the job says so and does not go on",
        _offsets_deleted,
        jobs=(DECIDING,),
        alone=True,
        judged=False,
    ),
)
