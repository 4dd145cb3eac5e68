"""`sluice replay`: a file of transactions into Kafka, and one of customer events."""

from __future__ import annotations

import time
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer
from confluent_kafka import KafkaException
from confluent_kafka.admin import AdminClient
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from sluice import settings
from sluice.commands.options import SettingsFile
from sluice.feed import mapping as mappings
from sluice.feed import replay as feed
from sluice.feed import times
from sluice.feed.errors import FeedError
from sluice.feed.source import open_rows, open_source
from sluice.kafka import BulkSender, DeliveryError, Sender, SteadySender
from sluice.settings import Topics

ANSWER_S = 10.0


def _require_topic(bootstrap: str, topic: str) -> None:
    """Fail before anything is read, rather than wait for a broker that is not there."""
    try:
        topics = AdminClient({"bootstrap.servers": bootstrap, "log_level": 0}).list_topics(timeout=ANSWER_S).topics
    except KafkaException as error:
        raise FeedError(
            f"no Kafka answers at {bootstrap}; start it with `sluice up`, or name it as kafka.bootstrap in the settings"
        ) from error
    if topic not in topics:
        raise FeedError(f"Kafka at {bootstrap} has no topic {topic!r}; `sluice up` creates it")


def _bar(console: Console) -> Progress:
    return Progress(
        BarColumn(),
        MofNCompleteColumn(),
        TextColumn("{task.fields[rate]} transactions/s"),
        TimeRemainingColumn(),
        console=console,
        transient=True,
    )


def replay(
    *,
    file: Annotated[Path, typer.Argument(help="A .parquet, .csv or .jsonl file.")],
    mapping: Annotated[
        Path, typer.Option(help="Where each field comes from; contracts/mappings/ holds examples.")
    ] = Path("contracts/mappings/transactions.yaml"),
    speed: Annotated[str, typer.Option(help="A multiple of real time, such as 60x, or max.")] = "max",
    end_at: Annotated[
        str | None, typer.Option(help="Move all event times so that the last falls on this instant, or on now.")
    ] = None,
    limit: Annotated[int | None, typer.Option(min=1, help="Send only the first so many.")] = None,
    customer_events: Annotated[
        Path | None, typer.Option(help="A .jsonl file of events, to be sent at their times among the transactions.")
    ] = None,
    settings_file: SettingsFile = None,
) -> None:
    """Send a file of transactions to Kafka, in real time or as fast as possible."""
    chosen = settings.load(settings_file)
    factor = times.speed(speed, "--speed")
    plan = mappings.load(mapping)
    source = open_source(file)
    plan.check(file, source.columns)
    rows = None if customer_events is None else open_rows(customer_events)
    bootstrap, topics = chosen.kafka.bootstrap, chosen.kafka.topics
    for topic in (topics.transactions,) if rows is None else (topics.transactions, topics.customer_events):
        _require_topic(bootstrap, topic)
    shift_ms = 0
    if end_at is not None:
        end = datetime.now(UTC) if end_at == "now" else times.instant(end_at, "--end-at")
        shift_ms = feed.shift_to(times.milliseconds(end), source, plan)
    total = min(source.rows, limit) if source.rows is not None and limit is not None else source.rows or limit
    stream = feed.messages(source, plan, shift_ms, limit)
    if rows is not None:
        stream = feed.with_events(stream, rows, shift_ms)
    sender: Sender = BulkSender(bootstrap) if factor is None else SteadySender(bootstrap)
    started = time.monotonic()
    with _bar(Console(stderr=True)) as bar:
        task = bar.add_task("", total=total, rate="-")

        def show(progress: feed.Progress) -> None:
            elapsed = max(time.monotonic() - started, 0.001)
            bar.update(task, completed=progress.sent, rate=f"{progress.sent / elapsed:,.0f}")

        try:
            with closing(sender):
                done = feed.replay(stream, sender, topics, factor, show)
        except DeliveryError as error:
            raise FeedError(f"Kafka at {bootstrap} did not take everything: {error}") from error
    elapsed = max(time.monotonic() - started, 0.001)
    typer.echo(_summary(done, topics, elapsed))


def _summary(done: feed.Progress, topics: Topics, elapsed: float) -> str:
    events = f" and {done.events:,} customer events to {topics.customer_events}" if done.events else ""
    sent = f"sent {done.sent:,} transactions to {topics.transactions}{events}"
    line = f"{sent} in {elapsed:.1f} s ({(done.sent + done.events) / elapsed:,.0f}/s)"
    if done.first_ms is None or done.last_ms is None:
        return line
    return f"{line}, event times {times.iso(done.first_ms)} to {times.iso(done.last_ms)}"
