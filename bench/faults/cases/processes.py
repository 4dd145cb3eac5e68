"""Processes that are killed without a warning while transactions come in."""

from __future__ import annotations

import time
from collections.abc import Callable

from bench.faults import actions
from bench.faults.case import Case
from bench.faults.stage import DECIDING, Proof, Stage
from localstack.kafka import NAME as KAFKA
from localstack.waiting import until
from sluice.errors import SluiceError
from udfs.times import clock_ms

AWAY_SECONDS = 120.0
DELIVERY_MS = 20_000


def _killed(action: Callable[[Stage], int], seen: Callable[[Stage], dict[str, int]]) -> Callable[[Stage], Proof]:
    """Something is killed while transactions lie under no checkpoint; `seen` tells what the jobs did about it."""

    def run(stage: Stage) -> Proof:
        feed = stage.feed_to_the_middle()
        uncovered = stage.uncovered()
        killed = action(stage)
        feed.finish()
        return lambda: {"processes killed": killed, "transactions uncovered": uncovered, **seen(stage)}

    return run


def _restarted(stage: Stage) -> dict[str, int]:
    """The jobs are cut off from something that they stand on, and start again."""
    return {"jobs restarted": stage.restarted_jobs()}


def _brought_back(stage: Stage) -> dict[str, int]:
    restored = [job for job in stage.house.ids if stage.house.checkpoints(job)["counts"]["restored"] > 0]
    return {"jobs brought back from a checkpoint": len(restored)}


def _nothing_more(_: Stage) -> dict[str, int]:
    """Clients wait for a broker, so no job needs to restart."""
    return {}


# A producer gives up after two minutes; here sooner, so that the case need not wait as long.
IMPATIENT = (
    (
        "'$linger_ms',\n    'properties.batch.size'",
        f"""'$linger_ms',
    'properties.delivery.timeout.ms' = '{DELIVERY_MS}',
    'properties.request.timeout.ms' = '{DELIVERY_MS // 2}',
    'properties.batch.size'""",
    ),
)


def _broker_away(stage: Stage) -> Proof:
    """Longer than producers try for: the deciding job fails with what it could not write, and does it again."""
    feed = stage.feed_to_the_middle()
    uncovered, since_ms = stage.uncovered(), clock_ms()
    began = time.monotonic()
    stage.kill(KAFKA)
    if not until(lambda: stage.failures(DECIDING, since_ms) > 0, AWAY_SECONDS):
        raise SluiceError(f"{DECIDING} says nothing of a broker that is away for {AWAY_SECONDS:.0f} s")
    away = round(time.monotonic() - began)
    actions.bring_back_broker(stage)
    feed.finish()
    return lambda: {
        "s away": away,
        "transactions uncovered": uncovered,
        "failures that tell of it": stage.failures(DECIDING, since_ms),
    }


CASES = (
    Case("task_manager", "kill -9 of one TaskManager", _killed(actions.replace_one_task_manager, _restarted)),
    Case(
        "all_task_managers",
        "kill -9 of all TaskManagers in a burst",
        _killed(actions.replace_all_task_managers, _restarted),
    ),
    Case(
        "job_manager",
        "kill -9 of the JobManager; ZooKeeper knows its jobs",
        _killed(actions.replace_job_manager, _brought_back),
    ),
    Case("python_worker", "kill -9 of a Python worker alone", _killed(actions.kill_python_worker, _restarted)),
    Case("broker", "kill -9 of the Kafka broker, and its return", _killed(actions.replace_broker, _nothing_more)),
    Case(
        "broker_away_long",
        "The Kafka broker is away for longer than producers try to reach it",
        _broker_away,
        jobs=(DECIDING, "lake"),
        alone=True,
        alter={DECIDING: IMPATIENT},
    ),
)
