"""Servers for the curves: one broker with filled topics, and a new Flink cluster for each point."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from rich.console import Console

from bench.curves import rules
from bench.curves.points import Input, Point
from bench.curves.traffic import messages
from localstack.errors import ServerError
from localstack.flink import FlinkCluster
from localstack.kafka import KafkaBroker
from localstack.stack import Stack
from localstack.waiting import until
from sluice.kafka import BulkSender
from sluice.settings import Settings, Topics

TOPICS_SECONDS = 60.0


class House:
    def __init__(self, stack: Stack, console: Console) -> None:
        self.stack, self.console = stack, console
        self._filled: dict[Input, str] = {}
        self._points = 0

    def settings_of(self, point: Point) -> Settings:
        """With topics of its own, but for the input; all of them exist."""
        base, topic = self.stack.settings, self._filled.get(point.input, f"input-{len(self._filled) + 1}")
        self._points += 1
        topics = {name: f"{self._points}-{name}" for name in Topics.model_fields} | {"transactions": topic}
        job = dict(point.job)
        if point.rules is not None:
            job["rules"] = rules.write(point.rules, self.stack.home / f"rules-{point.rules}.yaml")
        settings = base.model_copy(
            update={
                "kafka": base.kafka.model_copy(update={"topics": Topics(**topics)}),
                "fraud_detection": base.fraud_detection.model_copy(update=job),
                "local": base.local.model_copy(update={"slots": 1, **point.local}),
            }
        )
        if not until(KafkaBroker(settings, self.stack.processes).is_ready, TOPICS_SECONDS):
            raise ServerError(f"the topics of {point.key} are not there after {TOPICS_SECONDS:.0f} s")
        self._fill(topic, point.input)
        return settings

    def _fill(self, topic: str, wanted: Input) -> None:
        if wanted in self._filled:
            return
        sender = BulkSender(self.stack.settings.kafka.bootstrap)
        what = f"{wanted.transactions:,} transactions, {wanted.cards:,} cards: {wanted.shape}"
        with self.console.status("") as status:
            for number, (key, value) in enumerate(messages(wanted)):
                if number % 100_000 == 0:
                    status.update(f"filling {topic}: {number:,} of {what}")
                sender.send(topic, key, value)
            sender.close()
        self.console.print(f"  [dim]{topic}: {what}[/]")
        self._filled[wanted] = topic

    @contextmanager
    def flink(self, settings: Settings) -> Iterator[FlinkCluster]:
        """A new cluster of these settings, stopped at the end."""
        cluster = self.stack.flink = FlinkCluster(settings, self.stack.processes)
        try:
            self.stack.start([cluster])
            yield cluster
        finally:
            self.stack.stop([cluster])
