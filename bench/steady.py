"""The deciding job at a steady rate for minutes: latency, lag and memory as they go."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from threading import Event, Thread
from typing import Annotated, Any

import numpy as np
import orjson
import typer
from rich.console import Console
from rich.table import Table

from bench import kept
from bench.drain import written
from bench.house import servers
from bench.latency import percentiles, send_paced
from bench.memory import resident_mib
from localstack.stack import Stack
from localstack.waiting import until
from sluice.commands.submit import submit_all
from sluice.flink_jobs import FLINK_JOBS
from sluice.kafka import read_all
from sluice.settings import Settings
from udfs.times import clock_ms, parse_ms

WARM_UP_SECONDS = 60
LOOK_SECONDS = 5.0
CAUGHT_UP_SECONDS = 120.0
DECIDING = tuple(each for each in FLINK_JOBS if each.decides)


@dataclass(frozen=True)
class Look:
    """`at_ms` since 1970; `lag` is what has come in and not yet come out; memory is Flink's, Python in it."""

    at_ms: int
    lag: int
    resident_mib: int


@dataclass(frozen=True)
class Minute:
    """Latencies in ms of the alerts of one minute, the highest lag and the highest memory in it."""

    minute: int
    alerts: int
    p50: float
    p99: float
    lag: int
    resident_mib: int


@contextmanager
def _looking(look: Callable[[], Look]) -> Iterator[list[Look]]:
    """What is seen every few seconds while the block runs."""
    over, seen = Event(), [look()]

    def watch() -> None:
        while not over.wait(LOOK_SECONDS):
            seen.append(look())

    thread = Thread(target=watch, daemon=True)
    thread.start()
    try:
        yield seen
    finally:
        over.set()
        thread.join()


def by_minute(alerts: Sequence[tuple[int, int]], looks: Sequence[Look], since_ms: int) -> list[Minute]:
    """`alerts` are ingestion times and latencies in ms. A minute without alerts or looks is left out."""
    found = []
    last = max((at for at, _ in alerts), default=since_ms)
    for minute in range((last - since_ms) // 60_000 + 1):
        begin, end = since_ms + minute * 60_000, since_ms + (minute + 1) * 60_000
        waited = [ms for at, ms in alerts if begin <= at < end]
        seen = [each for each in looks if begin <= each.at_ms < end]
        if waited and seen:
            p50, p99 = (round(float(each), 1) for each in np.percentile(waited, (50, 99)))
            lag, memory = max(each.lag for each in seen), max(each.resident_mib for each in seen)
            found.append(Minute(minute + 1, len(waited), p50, p99, lag, memory))
    return found


def _alerts(settings: Settings, since_ms: int) -> list[tuple[int, int]]:
    """When each alert's transaction came in, and how long after that Kafka had the alert; from `since_ms` on."""
    records = read_all(settings.kafka.bootstrap, settings.kafka.topics.alerts)
    came = ((parse_ms(orjson.loads(each.value)["ingested_at"]) or 0, each.timestamp_ms) for each in records)
    return [(ingested, alerted - ingested) for ingested, alerted in came if ingested >= since_ms]


def measure(stack: Stack, rate: int, minutes: int, console: Console) -> dict[str, Any]:
    """With the deciding job alone; the first minute is sent too, but doesn't count."""
    topics, flink = stack.settings.kafka.topics, stack.flink.process_names
    came_in = written(stack.settings, topics.transactions)
    came_out = written(stack.settings, topics.decisions, topics.quarantine, topics.duplicates)

    def look() -> Look:
        out = came_out()  # first, so that nothing counts as out that has not yet come in
        return Look(clock_ms(), came_in() - out, round(resident_mib(stack.processes.pids(*flink))))

    submit_all(stack, DECIDING, console)
    send_paced(stack.settings, rate, WARM_UP_SECONDS, console)
    since_ms = clock_ms()
    with _looking(look) as looks:
        sent = send_paced(stack.settings, rate, minutes * 60, console)
        until(lambda: came_in() == came_out(), CAUGHT_UP_SECONDS)
    alerts = _alerts(stack.settings, since_ms)
    return {
        "sent": sent,
        "left": came_in() - came_out(),
        "alerts": len(alerts),
        "ingest_to_alert_ms": percentiles(np.array([ms for _, ms in alerts])),
        "minutes": [asdict(each) for each in by_minute(alerts, looks, since_ms)],
    }


def _show(console: Console, found: dict[str, Any]) -> None:
    table = Table("minute", box=None, header_style="bold")
    columns = {"alerts": "alerts", "p50": "p50 ms", "p99": "p99 ms", "lag": "highest lag", "resident_mib": "memory MiB"}
    for name in columns.values():
        table.add_column(name, justify="right")
    for each in found["minutes"]:
        table.add_row(str(each["minute"]), *(f"{each[name]:,}" for name in columns))
    console.print(table)
    whole = ", ".join(f"{name} {value:,} ms" for name, value in found["ingest_to_alert_ms"].items())
    console.print(f"{found['sent']:,} sent, {found['left']:,} left; ingest → alert: {whole}", highlight=False)


def steady(
    *,
    rate: Annotated[int, typer.Option(min=100, help="Events a second.")] = 10_000,
    minutes: Annotated[int, typer.Option(min=1, help="For how long.")] = 10,
) -> None:
    """Feed the deciding job at a steady rate, and watch latency, lag and memory."""
    console = Console()
    started = time.monotonic()
    with servers(Settings(), console, storage=False) as stack:
        found = {"rate": rate, **measure(stack, rate, minutes, console)}
    kept.keep("steady", found)
    _show(console, found)
    console.print(f"After {time.monotonic() - started:.0f} s. The same as JSON: {kept.FILE}")
