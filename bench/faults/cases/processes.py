"""Processes that are killed without a warning."""

from __future__ import annotations

import signal

import psutil

from bench.faults.case import Case
from bench.faults.stage import Proof, Stage
from localstack.flink import JOB_MANAGER

PYTHON_WORKER = "pyflink.fn_execution.beam.beam_boot"


def _one_task_manager(stage: Stage) -> Proof:
    feed = stage.feed_to_the_middle()
    uncovered = stage.uncovered()
    killed = stage.kill(stage.rng.choice(stage.stack.flink.task_manager_names))
    stage.bring_back_task_managers()
    feed.finish()
    return lambda: {
        "processes killed": killed,
        "transactions uncovered": uncovered,
        "jobs restarted": stage.restarted_jobs(),
    }


def _all_task_managers(stage: Stage) -> Proof:
    feed = stage.feed_to_the_middle()
    uncovered = stage.uncovered()
    killed = stage.kill(*stage.stack.flink.task_manager_names)
    stage.bring_back_task_managers()
    feed.finish()
    return lambda: {
        "processes killed": killed,
        "transactions uncovered": uncovered,
        "jobs restarted": stage.restarted_jobs(),
    }


def _job_manager(stage: Stage) -> Proof:
    feed = stage.feed_to_the_middle()
    uncovered = stage.uncovered()
    killed = stage.kill(JOB_MANAGER)
    stage.bring_back_job_manager()
    feed.finish()

    def proof() -> dict[str, int]:
        restored = [job for job in stage.house.ids if stage.house.checkpoints(job)["counts"]["restored"] > 0]
        return {
            "processes killed": killed,
            "transactions uncovered": uncovered,
            "jobs brought back from a checkpoint": len(restored),
        }

    return proof


def _python_worker(stage: Stage) -> Proof:
    feed = stage.feed_to_the_middle()
    workers = [
        process
        for name in stage.stack.flink.task_manager_names
        for process in psutil.Process(stage.stack.processes.pid(name)).children(recursive=True)
        if PYTHON_WORKER in process.cmdline()
    ]
    victim = stage.rng.choice(workers)
    victim.send_signal(signal.SIGKILL)
    feed.finish()
    return lambda: {"Python workers killed": int(not victim.is_running()), "jobs restarted": stage.restarted_jobs()}


CASES = (
    Case("task_manager", "kill -9 of one TaskManager", _one_task_manager),
    Case("all_task_managers", "kill -9 of all TaskManagers in a burst", _all_task_managers),
    Case("job_manager", "kill -9 of the JobManager; ZooKeeper knows its jobs", _job_manager),
    Case("python_worker", "kill -9 of a Python worker alone", _python_worker),
)
