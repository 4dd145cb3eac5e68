"""Processes that are killed without a warning while transactions come in."""

from __future__ import annotations

from collections.abc import Callable

from bench.faults import actions
from bench.faults.case import Case
from bench.faults.stage import Proof, Stage


def _killed(action: Callable[[Stage], int]) -> Callable[[Stage], Proof]:
    """The jobs are cut off from something that they stand on, and start again."""

    def run(stage: Stage) -> Proof:
        feed = stage.feed_to_the_middle()
        uncovered = stage.uncovered()
        killed = action(stage)
        feed.finish()
        return lambda: {
            "processes killed": killed,
            "transactions uncovered": uncovered,
            "jobs restarted": stage.restarted_jobs(),
        }

    return run


def _job_manager(stage: Stage) -> Proof:
    feed = stage.feed_to_the_middle()
    uncovered = stage.uncovered()
    killed = actions.replace_job_manager(stage)
    feed.finish()

    def proof() -> dict[str, int]:
        restored = [job for job in stage.house.ids if stage.house.checkpoints(job)["counts"]["restored"] > 0]
        return {
            "processes killed": killed,
            "transactions uncovered": uncovered,
            "jobs brought back from a checkpoint": len(restored),
        }

    return proof


def _broker(stage: Stage) -> Proof:
    """Clients wait for it, so no job needs to restart."""
    feed = stage.feed_to_the_middle()
    uncovered = stage.uncovered()
    killed = actions.replace_broker(stage)
    feed.finish()
    return lambda: {"processes killed": killed, "transactions uncovered": uncovered}


CASES = (
    Case("task_manager", "kill -9 of one TaskManager", _killed(actions.replace_one_task_manager)),
    Case("all_task_managers", "kill -9 of all TaskManagers in a burst", _killed(actions.replace_all_task_managers)),
    Case("job_manager", "kill -9 of the JobManager; ZooKeeper knows its jobs", _job_manager),
    Case("python_worker", "kill -9 of a Python worker alone", _killed(actions.kill_python_worker)),
    Case("broker", "kill -9 of the Kafka broker, and its return", _broker),
)
