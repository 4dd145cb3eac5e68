"""Disks that take no more writes for a while: that of Flink, with its checkpoints, and that of the broker."""

from __future__ import annotations

from bench.faults import actions
from bench.faults.case import Case
from bench.faults.resources import full_disk
from bench.faults.stage import BACK_SECONDS, DECIDING, Proof, Stage
from localstack.errors import ServerError
from localstack.kafka import NAME as KAFKA
from localstack.waiting import until
from sluice.errors import SluiceError
from udfs.times import clock_ms

RATE = 250
FAILURES = 6
FULL_SECONDS = 60.0


def _disk_full(stage: Stage) -> Proof:
    """No checkpoint can be written, and decisions go on; the lake, which writes files, starts again until it can."""
    feed = stage.feed_to_the_middle(0.2, RATE)
    before, since_ms = stage.failed_checkpoints(), clock_ms()

    def failed() -> tuple[int, int]:
        return stage.failed_checkpoints() - before, stage.failures("lake", since_ms)

    with full_disk(stage.stack.processes, *stage.stack.flink.process_names) as processes:
        decided = stage.house.decided()
        if not until(lambda: failed()[0] >= FAILURES and failed()[1] > 0, FULL_SECONDS):
            checkpoints, lakes = failed()
            raise SluiceError(f"with a full disk, only {checkpoints} checkpoints failed, and {lakes} times the lake")
        meanwhile = stage.house.decided() - decided
    if stage.failures(DECIDING, since_ms):
        raise SluiceError(f"{DECIDING} has failed: {stage.stack.flink.jobs.trouble(stage.house.ids[DECIDING])}")
    feed.finish()
    checkpoints, lakes = failed()
    return lambda: {
        "processes without room": processes,
        "checkpoints that failed": checkpoints,
        "failures of the lake": lakes,
        "decisions meanwhile": meanwhile,
    }


def _broker_disk_full(stage: Stage) -> Proof:
    """The broker ends by itself when it can't write its log, and comes back once there is room."""
    feed = stage.feed_to_the_middle()
    processes = stage.stack.processes
    with full_disk(processes, KAFKA) as without_room:
        if not until(lambda: not processes.is_alive(KAFKA), BACK_SECONDS):
            raise ServerError("the broker goes on though it can't write")
    sent = feed.sent
    actions.bring_back_broker(stage)
    behind = feed.finish() - sent
    return lambda: {"brokers that ended for want of room": without_room, "messages that had to wait": behind}


CASES = (
    Case("disk_full", "Flink's disk takes no more writes for a while: checkpoints fail, decisions go on", _disk_full),
    Case("broker_disk_full", "The broker's disk takes no more writes: it ends, and comes back", _broker_disk_full),
)
