"""The jobs of the suite: how fast each works off a full topic, and how soon an alert comes."""

from __future__ import annotations

import os
from typing import Annotated, Any

import typer
from rich.console import Console

from bench import bare_writer, drain, kept, latency, picture
from bench.house import closely_watched, servers
from localstack.stack import Stack
from sluice.commands.submit import submit_all
from sluice.demo.play import settle
from sluice.flink_jobs import FLINK_JOBS
from sluice.settings import Settings
from udfs.times import clock_ms

WARM_UP_SECONDS = 60  # so long the compilers of the new processes take a good part of two cores
# DynamoDB on one machine takes so little, and RocksDB costs so much, that a part of the topics says enough.
PARTS = {"hot_state": 30_000, "fraud_patterns": 400_000}


def _drains(stack: Stack, transactions: int, console: Console) -> dict[str, Any]:
    """The deciding job, then each carrying job, each alone and from the beginning of its topics."""
    settings, found = stack.settings, {}
    topics = settings.kafka.topics
    drain.fill(settings, transactions, console)
    for job in FLINK_JOBS:
        written = drain.written(settings, *job.inputs(topics))()
        records = min(written, PARTS.get(job.name, written))
        done = drain.written(settings, topics.decisions) if job.decides else drain.carried(settings, job)
        drained = drain.drain(stack, job, records, done, console)
        found[job.name] = drained.as_json()
        picture.show_drain(console, job.name, found[job.name])
        if job.name == "hot_state":
            bare = bare_writer.rate(settings, records)
            found[job.name]["bare_writer"] = bare
            picture.show_share(console, drained.second_half, bare)
    return found


def _latency(stack: Stack, rate: int, seconds: int, console: Console) -> dict[str, Any]:
    """With all jobs running; the first seconds are sent too, but don't count."""
    submit_all(stack, FLINK_JOBS, console)
    latency.send_paced(stack.settings, rate, WARM_UP_SECONDS, console)
    since = clock_ms()
    latency.send_paced(stack.settings, rate, seconds, console)
    settle(stack.settings, console, FLINK_JOBS[:1])
    return latency.measure(stack.settings, since)


def jobs(
    *,
    transactions: Annotated[int, typer.Option(min=10_000, help="How many to drain.")] = 3_000_000,
    rate: Annotated[int, typer.Option(min=100, help="Events a second while latency is measured.")] = 2_000,
    seconds: Annotated[int, typer.Option(min=10, help="For how long latency is measured.")] = 120,
) -> None:
    """Measure drain throughput of each job and ingest→alert latency."""
    console = Console()
    found: dict[str, Any] = {"transactions": transactions, "rate": rate, "cores": os.cpu_count()}
    console.print("[bold]Throughput[/]")
    with servers(closely_watched(Settings()), console) as stack:
        found["drain"] = _drains(stack, transactions, console)
    console.print("[bold]Latency[/]")
    with servers(Settings(), console) as stack:
        found["latency"] = _latency(stack, rate, seconds, console)
    picture.show_latency(console, rate, found["latency"])
    kept.keep("jobs", found)
    console.print(f"The same as JSON: {kept.FILE}")
