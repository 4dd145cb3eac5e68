"""The run that is measured: a filled topic, the deciding job on it, a quiet window and a sampled one."""

from __future__ import annotations

import math
import time
from collections.abc import Callable

from rich.console import Console

from bench import drain
from bench.profile import samplers
from bench.profile.account import Account, Seen, account
from bench.profile.jvm_steps import samples
from bench.profile.looks import Processes, Window, between, look, processes
from bench.profile.python_steps import stacks
from bench.profile.thread_groups import JavaThread, called, java_threads
from localstack.stack import Stack
from sluice.flink_jobs import FlinkJob

# Shares of the transactions at which each part ends: warming up, the quiet window, sampling.
WARM, MEASURED, SAMPLED = 0.4, 0.7, 0.95
SHORTEST_SECONDS = 5


class Run:
    """One job at work on `records` that stand in its topic already."""

    def __init__(self, stack: Stack, job: FlinkJob, records: int, console: Console) -> None:
        self._stack, self._job, self._records, self._console = stack, job, records, console
        self._done: Callable[[], int] = drain.written(stack.settings, stack.settings.kafka.topics.decisions)
        self._folder = stack.home / "profile"

    def profile(self) -> Account:
        """Submit the job and see where its time goes. Raises TimeoutError when it stalls."""
        self._folder.mkdir(parents=True)
        flink = self._stack.flink
        job_id = flink.submit(self._job.main, self._stack.settings_file)
        functions = called(flink.jobs.get(f"/jobs/{job_id}/plan"))
        self._reach(WARM, job_id)
        found = processes(self._stack)
        java = self._java_threads(found)
        begun = look(found, self._done())
        self._reach(MEASURED, job_id)
        quiet = between(begun, look(found, self._done()))
        seen = self._sample(found, quiet)
        java |= self._java_threads(found)
        flink.jobs.cancel(job_id)
        return account(found, quiet, seen, java, functions)

    def _reach(self, share: float, job_id: str) -> None:
        """Wait until so much of the records is done. Raises TimeoutError on a stall."""
        records = math.ceil(share * self._records)
        for _ in drain.follow(self._stack, self._job, job_id, records, self._done, self._console):
            pass

    def _sample(self, found: Processes, quiet: Window) -> Seen:
        """Look into the processes until most of what is left is done; it slows them."""
        share = (SAMPLED - MEASURED) * self._records
        seconds = max(round(share / quiet.events * quiet.seconds), SHORTEST_SECONDS)
        recordings = {pid: self._folder / f"jvm-{pid}.jfr" for pid in found.task_managers}
        with self._console.status(f"sampling for {seconds} s …"):
            for pid, file in recordings.items():
                samplers.start_recording(pid, file)
            end = time.monotonic() + seconds
            python, trouble = samplers.look_into_python(found.task_managers, seconds, self._folder)
            # py-spy takes that long, but not where it may not look; the JVMs are looked into all the same.
            time.sleep(max(end - time.monotonic(), 0.0))
            jvm = {pid: list(samples(samplers.stop_recording(pid, file))) for pid, file in recordings.items()}
        return Seen(jvm, {pid: list(stacks(raw)) for pid, raw in python.items()}, trouble)

    def _java_threads(self, found: Processes) -> dict[int, JavaThread]:
        dumps = map(samplers.thread_dump, found.task_managers)
        return {thread: each for dump in dumps for thread, each in java_threads(dump).items()}
