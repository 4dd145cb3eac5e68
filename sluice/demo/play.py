"""Sends the story and waits until every job has carried it to its end."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from threading import Event, Thread

from rich.console import Console
from rich.live import Live
from rich.text import Text

from localstack.waiting import until
from sluice.demo.observer import Observer
from sluice.demo.story import Story
from sluice.errors import SluiceError
from sluice.feed.generate import Generated
from sluice.feed.pace import paced
from sluice.flink_jobs import FLINK_JOBS, FlinkJob
from sluice.kafka import BulkSender, SteadySender, lag
from sluice.settings import Settings

SETTLED_SECONDS = 240.0
TICK_SECONDS = 0.5


def send_at_once(settings: Settings, topic: str, messages: Iterable[Generated]) -> None:
    sender = BulkSender(settings.kafka.bootstrap)
    for each in messages:
        sender.send(topic, each.key, each.value)
    sender.close()


def send_live(settings: Settings, story: Story, observer: Observer, console: Console) -> None:
    """Spread the live messages evenly over their time, showing what comes out."""
    sender = SteadySender(settings.kafka.bootstrap)
    rate = len(story.live) / story.live_seconds
    sent = 0
    with Live(console=console, refresh_per_second=4) as live, _watching(lambda: _look(live, sent, story, observer)):
        for each in paced(story.live, rate):
            sender.send(settings.kafka.topics.transactions, each.key, each.value)
            sent += 1
        sender.close()


def _look(live: Live, sent: int, story: Story, observer: Observer) -> None:
    observer.look()
    live.update(_progress(sent, story, observer))


@contextmanager
def _watching(look: Callable[[], None]) -> Iterator[None]:
    """`look` again and again beside what happens inside, so that watching delays no message; once more at the end."""
    over = Event()

    def watch() -> None:
        while not over.wait(TICK_SECONDS):
            look()
        look()

    thread = Thread(target=watch, daemon=True)
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join()


def _progress(sent: int, story: Story, observer: Observer) -> Text:
    counts = observer.counts()
    latency = observer.percentiles()
    parts = [
        f"  sent {sent:,}/{len(story.live):,}",
        f"decided {counts['decisions']:,}",
        f"[red]alerts {counts['alerts']:,}[/]",
        f"[yellow]quarantined {counts['quarantine']:,}[/]",
        f"repeats {counts['duplicates']:,}",
        "" if latency is None else f"p50 {latency[0]:.0f} ms, p99 {latency[1]:.0f} ms",
    ]
    return Text.from_markup("  ".join(parts) + f"\n  [dim]{observer.last_text}[/]")


def settle(settings: Settings, console: Console, jobs: tuple[FlinkJob, ...] = FLINK_JOBS) -> None:
    """Wait until each job has covered all of its input with a checkpoint. Raises SluiceError past the deadline."""
    for job in jobs:
        with console.status(f"Waiting until {job.name} has carried everything …"):
            if not until(lambda job=job: open_messages(settings, job) == 0, SETTLED_SECONDS, TICK_SECONDS):  # type: ignore[misc]
                left = open_messages(settings, job)
                raise SluiceError(
                    f"job {job.name} has {left:,} messages left after {SETTLED_SECONDS:.0f} s; see its log"
                )


def open_messages(settings: Settings, job: FlinkJob) -> int:
    """What the job has not covered with a completed checkpoint yet."""
    return sum(lag(settings.kafka.bootstrap, job.name, topic) for topic in job.topics(settings.kafka.topics))
