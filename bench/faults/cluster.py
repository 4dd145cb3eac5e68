"""Servers for fault runs: a JobManager that comes back, and a fault proxy between the jobs and LocalStack."""

from __future__ import annotations

import shutil
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from random import Random

from rich.console import Console

from bench.faults.proxy import FaultProxy
from localstack.flink import FlinkCluster
from localstack.interrupts import as_keyboard_interrupt
from localstack.localstack import NAME as LOCALSTACK
from localstack.ports import free_port, on_free_ports
from localstack.stack import Stack
from localstack.waiting import until
from sluice.settings import Settings

HOME = Path("build/faults")
# Room for four slots of the deciding job beside one of each other job.
SLOTS = 5
HEAL_SECONDS = 60.0


class FaultStack(Stack):
    """A stack whose Flink finds S3 behind `proxy`; the jobs do so with `seen_by_jobs`."""

    def __init__(self, settings: Settings, proxy: FaultProxy, console: Console) -> None:
        super().__init__(settings, console)
        self.proxy = proxy
        endpoint = {"endpoint_url": f"http://127.0.0.1:{proxy.port}"}
        self.seen_by_jobs = settings.model_copy(update={"aws": settings.aws.model_copy(update=endpoint)})
        self.flink = FlinkCluster(self.seen_by_jobs, self.processes)

    def heal(self) -> None:
        """Put right what a case that ended early has left behind, as far as it can be, for the next one."""
        self.proxy.injector.follow()
        self.proxy.release()
        self.processes.signal(LOCALSTACK, signal.SIGCONT)
        self.kafka.launch()
        self.flink.start_missing_job_manager()
        until(lambda: self.flink.start_missing_task_managers() == [], HEAL_SECONDS)
        until(self.flink.is_ready, HEAL_SECONDS)


def _settings() -> Settings:
    settings = on_free_ports(Settings(), HOME.resolve())
    memory = {"task_manager_memory": "3g", "managed_memory": "256m"}
    local = {"zookeeper_port": free_port(), "slots": SLOTS, "task_managers": 2, **memory}
    return settings.model_copy(update={"local": settings.local.model_copy(update=local)})


@contextmanager
def servers(seed: int, console: Console) -> Iterator[FaultStack]:
    """Running servers with nothing in them, on free ports; stopped and left on disk at the end."""
    shutil.rmtree(HOME, ignore_errors=True)
    settings = _settings()
    with (
        as_keyboard_interrupt(),
        FaultProxy(settings.local.localstack_port, Random(seed)) as proxy,  # noqa: S311 - reproducible, no secret
        FaultStack(settings, proxy, console) as stack,
    ):
        yield stack
