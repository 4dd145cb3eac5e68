"""One point: the deciding job on a cluster of its own, alone, from a topic that was filled before."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import asdict, dataclass
from typing import Any

import psutil

from bench import drain
from bench.curves.house import House
from bench.curves.points import Point
from bench.memory import MIB, Peak
from localstack.errors import ServerError
from localstack.flink import FlinkCluster
from localstack.kafka import NAME as KAFKA
from localstack.processes import Processes
from localstack.waiting import until
from sluice.flink_jobs import FLINK_JOBS
from sluice.kafka import end_offsets
from sluice.settings import dump
from udfs.times import clock_ms

CHECKPOINT_SECONDS = 180.0
DECIDING = next(each for each in FLINK_JOBS if each.decides)


@dataclass(frozen=True)
class Measured:
    """Rates and costs are those after the skipped events; `checkpoint_seconds` is the longest of the run.

    `micros` is processor time per event, by server.
    """

    curve: str
    label: str
    events: int
    seconds: float
    events_per_second: int
    micros: dict[str, float]
    state_mib: float
    checkpoint_seconds: float
    peak_mib: int
    alerts: int

    def as_json(self) -> dict[str, Any]:
        return asdict(self)


def processor_seconds(processes: Processes, *names: str) -> float:
    """What these processes and their children have used since they began."""
    total = 0.0
    for pid in processes.pids(*names):
        with suppress(psutil.NoSuchProcess):
            used = psutil.Process(pid).cpu_times()
            total += used.user + used.system
    return total


def measure(house: House, point: Point) -> Measured:
    """Raises TimeoutError on a stall, and ServerError."""
    settings = house.settings_of(point)
    bootstrap, topics = settings.kafka.bootstrap, settings.kafka.topics
    processes, skipped = house.stack.processes, min(point.skipped, point.input.transactions // 2)
    ends = drain.written(settings, topics.decisions, topics.quarantine, topics.duplicates)
    with house.flink(settings) as cluster:
        servers = {"Flink": cluster.process_names, "Kafka": (KAFKA,)}

        def used() -> dict[str, float]:
            return {name: processor_seconds(processes, *each) for name, each in servers.items()}

        file = dump(settings, house.stack.home / "point.yaml")
        job_id = cluster.submit(DECIDING.main, file)
        begin: tuple[float, int, dict[str, float]] | None = None
        at, count = 0.0, 0
        with Peak(lambda: processes.pids(*cluster.process_names)) as peak:
            for at, count in drain.follow(house.stack, DECIDING, job_id, point.input.transactions, ends, house.console):
                if begin is None and count >= skipped:
                    begin = at, count, used()
            assert begin is not None, "follow ends with the last count"
            seconds, events, after = at - begin[0], count - begin[1], used()
            found = _checkpoint_after(cluster, job_id, clock_ms())
        cluster.jobs.cancel(job_id)
    return Measured(
        curve=point.curve,
        label=point.label,
        events=events,
        seconds=round(seconds, 1),
        events_per_second=round(events / seconds),
        micros={name: round((after[name] - begin[2][name]) / events * 1e6, 1) for name in servers},
        state_mib=round(found["latest"]["completed"]["state_size"] / MIB, 1),
        checkpoint_seconds=round(found["summary"]["end_to_end_duration"]["max"] / 1_000, 1),
        peak_mib=round(peak.mib),
        alerts=sum(end_offsets(bootstrap, topics.alerts).values()),
    )


def _checkpoint_after(cluster: FlinkCluster, job_id: str, since_ms: int) -> Any:
    """The job's checkpoints, once one is complete that was begun since then."""

    def found() -> Any:
        return cluster.jobs.get(f"/jobs/{job_id}/checkpoints")

    def is_there() -> bool:
        latest = found()["latest"]["completed"]
        return latest is not None and latest["trigger_timestamp"] >= since_ms

    if not until(is_there, CHECKPOINT_SECONDS):
        raise ServerError(f"no checkpoint after {CHECKPOINT_SECONDS:.0f} s: {cluster.jobs.trouble(job_id)}")
    return found()
