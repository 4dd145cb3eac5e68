"""What is done to the servers, each with its healing; every action says how often it hit."""

from __future__ import annotations

import signal
from collections.abc import Iterator
from contextlib import contextmanager

import psutil

from bench.faults.stage import BACK_SECONDS, DECIDING, Stage
from bench.proof.house import RUNNING_SECONDS
from localstack.errors import ServerError
from localstack.flink import JOB_MANAGER, PYTHON_WORKER
from localstack.kafka import NAME as KAFKA
from localstack.localstack import NAME as LOCALSTACK
from localstack.waiting import until
from sluice.flink_jobs import named


def replace_task_managers(stage: Stage, *names: str) -> int:
    """Kill these with all their children, and have others take their place; how many processes died."""
    killed = stage.kill(*names)
    stage.bring_back_task_managers()
    return killed


def replace_one_task_manager(stage: Stage) -> int:
    return replace_task_managers(stage, stage.rng.choice(stage.stack.flink.task_manager_names))


def replace_all_task_managers(stage: Stage) -> int:
    return replace_task_managers(stage, *stage.stack.flink.task_manager_names)


def replace_job_manager(stage: Stage) -> int:
    killed = stage.kill(JOB_MANAGER)
    stage.bring_back_job_manager()
    return killed


def kill_python_worker(stage: Stage) -> int:
    """Kill one of the Python processes that a TaskManager has; 0 where none has any."""
    found = [
        process
        for process in map(psutil.Process, stage.stack.processes.pids(*stage.stack.flink.task_manager_names))
        if PYTHON_WORKER in process.cmdline()
    ]
    if not found:
        return 0
    victim = stage.rng.choice(found)
    victim.send_signal(signal.SIGKILL)
    return int(until(lambda: not victim.is_running() or victim.status() == psutil.STATUS_ZOMBIE, BACK_SECONDS))


def replace_broker(stage: Stage) -> int:
    """Kill the broker, and start another on what it has left."""
    killed = stage.kill(KAFKA)
    bring_back_broker(stage)
    return killed


def bring_back_broker(stage: Stage) -> None:
    kafka = stage.stack.kafka
    kafka.launch()
    if not until(kafka.is_ready, BACK_SECONDS):
        raise ServerError(f"the broker does not answer after {BACK_SECONDS:.0f} s")


@contextmanager
def paused_cloud(stage: Stage) -> Iterator[int]:
    """LocalStack stands still meanwhile; how many of its processes do."""
    processes = stage.stack.processes
    try:
        yield processes.signal(LOCALSTACK, signal.SIGSTOP)
    finally:
        processes.signal(LOCALSTACK, signal.SIGCONT)


@contextmanager
def standing_still(stage: Stage) -> Iterator[None]:
    """The deciding job is stopped with a savepoint, and goes on from there afterwards."""
    house, flink = stage.house, stage.stack.flink
    savepoint = flink.jobs.stop(house.ids[DECIDING])
    yield
    house.ids[DECIDING] = flink.submit(named(DECIDING).main, house.file, savepoint)
    flink.jobs.wait_running(house.ids[DECIDING], RUNNING_SECONDS)
