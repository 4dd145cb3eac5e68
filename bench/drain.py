"""Drain throughput: how fast a job works off a topic that was filled before it started."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass

from rich.console import Console

from bench.day import day
from localstack.stack import Stack
from sluice.flink_jobs import FlinkJob
from sluice.kafka import BulkSender, end_offsets, lag
from sluice.settings import Settings

POLL_SECONDS = 1.0  # each look at Kafka costs the processor time of some hundred events
STALLED_SECONDS = 120.0


@dataclass(frozen=True)
class Drained:
    """`seconds` from the first record that came out to the last; `second_half` is the rate once the JIT is warm."""

    records: int
    seconds: float
    events_per_second: float
    second_half: float
    startup_seconds: float
    busy: dict[str, float]

    def as_json(self) -> dict[str, object]:
        return asdict(self)


def fill(settings: Settings, transactions: int, console: Console) -> None:
    """Generated traffic into the raw topic, as fast as it goes."""
    sender = BulkSender(settings.kafka.bootstrap)
    started = time.monotonic()
    for each in day(transactions, seed=1):
        sender.send(settings.kafka.topics.transactions, each.key, each.value)
    sender.close()
    rate = transactions / (time.monotonic() - started)
    console.print(f"  filled {settings.kafka.topics.transactions} with {transactions:,} at {rate:,.0f}/s")


def written(settings: Settings, *topics: str) -> Callable[[], int]:
    """How many messages stand in `topics` together; many topics count what one job has put out."""
    return lambda: sum(sum(end_offsets(settings.kafka.bootstrap, topic).values()) for topic in topics)


def carried(settings: Settings, job: FlinkJob) -> Callable[[], int]:
    """How many messages `job` has covered with a completed checkpoint."""
    topics = job.inputs(settings.kafka.topics)
    total = written(settings, *topics)
    return lambda: total() - sum(lag(settings.kafka.bootstrap, job.name, topic) for topic in topics)


def follow(
    stack: Stack, job: FlinkJob, job_id: str, records: int, done: Callable[[], int], console: Console
) -> Iterator[tuple[float, int]]:
    """Monotonic time and `done` each time that it has grown, until it is `records`. Raises TimeoutError on a stall."""
    count, last_growth = 0, time.monotonic()
    with console.status(f"{job.name} …") as status:
        while count < records:
            now, before, count = time.monotonic(), count, done()
            if count > before:
                last_growth = now
                status.update(f"{job.name}: {count:,} of {records:,}")
                yield now, count
            if now - last_growth > STALLED_SECONDS:
                raise TimeoutError(f"{job.name} stands at {count:,} of {records:,}: {stack.flink.jobs.trouble(job_id)}")
            time.sleep(POLL_SECONDS)


def drain(stack: Stack, job: FlinkJob, records: int, done: Callable[[], int], console: Console) -> Drained:
    """Submit `job` and watch `done` grow to `records`. Raises TimeoutError when it stalls."""
    submitted = time.monotonic()
    job_id = stack.flink.submit(job.main, stack.settings_file)
    seen: list[tuple[float, int]] = []
    busy: dict[str, float] = {}
    for at, count in follow(stack, job, job_id, records, done, console):
        seen.append((at, count))
        if count > records / 2 and not busy:
            busy = busy_share(stack, job_id)
    stack.flink.jobs.cancel(job_id)
    return _drained(seen, submitted, busy)


def _drained(seen: list[tuple[float, int]], submitted: float, busy: dict[str, float]) -> Drained:
    (first_at, first), (last_at, last) = seen[0], seen[-1]
    half_at, half = next(each for each in seen if each[1] >= last / 2)
    seconds = max(last_at - first_at, POLL_SECONDS)
    return Drained(
        records=last,
        seconds=round(seconds, 2),
        events_per_second=round((last - first) / seconds),
        second_half=round((last - half) / max(last_at - half_at, POLL_SECONDS)),
        startup_seconds=round(first_at - submitted, 1),
        busy=busy,
    )


def busy_share(stack: Stack, job_id: str) -> dict[str, float]:
    """The share of time that each vertex of the job spends working, by the names of its steps (0 to 1)."""
    shares = {}
    for vertex in stack.flink.jobs.get(f"/jobs/{job_id}")["vertices"]:
        path = f"/jobs/{job_id}/vertices/{vertex['id']}/subtasks/metrics?get=busyTimeMsPerSecond&agg=avg"
        for metric in stack.flink.jobs.get(path):
            shares[steps(vertex["name"])] = round(metric["avg"] / 1_000, 2)
    return shares


def steps(vertex: str) -> str:
    """The operators of a vertex in few words: `Source: transactions[1] -> PythonCalc[2] -> …`."""
    names = vertex.replace("KafkaSource-default_catalog.default_database.", "").replace("(", "").replace(")", "")
    parts = [part.strip().split("[")[0].split(":")[-1].strip() for part in names.split("->")]
    kept = [part for at, part in enumerate(parts) if part and part not in parts[:at]]
    return " → ".join(kept)
