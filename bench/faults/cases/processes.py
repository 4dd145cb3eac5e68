"""Processes that are killed without a warning while transactions come in."""

from __future__ import annotations

from collections.abc import Callable

from bench.faults import actions
from bench.faults.case import Case
from bench.faults.stage import Proof, Stage


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
)
