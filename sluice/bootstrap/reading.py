"""Waits until jobs have read what they are to read."""

from __future__ import annotations

from collections.abc import Callable

from localstack.errors import ServerError
from localstack.flink_jobs import FlinkJobs
from localstack.waiting import until
from sluice import kafka
from sluice.bootstrap.watch import Watch

PAUSE_SECONDS = 0.5


def wait_until_read(
    jobs: FlinkJobs, job_id: str, bootstrap: str, group: str, topic: str, seconds: float, watch: Watch
) -> None:
    """Wait until checkpoints of the job, which is in `group`, cover all of `topic`, however long that takes.

    Raises ServerError when it has not moved for so many seconds.
    """

    def lag() -> int:
        return kafka.lag(bootstrap, group, topic)

    total = left = lag()
    while left:
        if not until(_below(lag, left), seconds, PAUSE_SECONDS):
            raise ServerError(
                f"{group} is {left:,} messages behind, and has not moved for {seconds:.0f} s: {jobs.trouble(job_id)}"
            )
        left = lag()
        watch.advance(total - left, total)


def _below(number: Callable[[], int], limit: int) -> Callable[[], bool]:
    return lambda: number() < limit


def wait_for_next_checkpoint(jobs: FlinkJobs, job_id: str, seconds: float) -> None:
    """Wait until a checkpoint of the job is complete that begins now or later. Raises ServerError."""
    now_ms = jobs.get(f"/jobs/{job_id}")["now"]

    def is_complete() -> bool:
        latest = jobs.get(f"/jobs/{job_id}/checkpoints")["latest"]["completed"]
        return latest is not None and latest["trigger_timestamp"] >= now_ms

    if not until(is_complete, seconds, PAUSE_SECONDS):
        raise ServerError(f"job {job_id} has completed no checkpoint in {seconds:.0f} s: {jobs.trouble(job_id)}")
