"""The servers of the comparison: a Kafka broker, and a Flink cluster for those who need one."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from confluent_kafka.admin import AdminClient
from rich.console import Console

from bench.peers.ends import Ends
from localstack.interrupts import as_keyboard_interrupt
from localstack.kafka import create_topics
from localstack.ports import on_free_ports
from localstack.stack import Stack
from sluice.settings import Settings
from udfs.keys.file import KeyFile

HOME = Path("build/peers")


@dataclass(frozen=True)
class House:
    """A running broker; Flink is started by the systems that run on it."""

    stack: Stack
    console: Console

    @property
    def settings(self) -> Settings:
        return self.stack.settings

    @property
    def bootstrap(self) -> str:
        return self.settings.kafka.bootstrap

    @property
    def key_file(self) -> Path:
        """The token key, which is made on first use."""
        file = self.settings.fraud_detection.gate.keys.file
        KeyFile(file).create()
        return file

    def create_topic(self, name: str) -> None:
        client = AdminClient({"bootstrap.servers": self.bootstrap, "log_level": 0})
        create_topics(client, [name], self.settings.kafka.partitions)

    def ends(self, source: str, output: str) -> Ends:
        """For a run from `source` to the new topic `output`, with an empty folder."""
        self.create_topic(output)
        folder = self.stack.home / "state" / output
        folder.mkdir(parents=True)
        return Ends(self.bootstrap, source, output, str(self.key_file), str(folder))


def _for_one_small_job(settings: Settings, batch_ms: int) -> Settings:
    """One JVM with two slots: no network between them, one JIT to warm up. And little is waited for."""
    waits = {"batch_ms": batch_ms, "linger_ms": 1, "buffer_timeout_ms": 2}
    job = settings.fraud_detection.model_copy(update=waits)
    local = settings.local.model_copy(update={"task_managers": 1})
    return settings.model_copy(update={"fraud_detection": job, "local": local})


@contextmanager
def broker(settings: Settings, console: Console, batch_ms: int) -> Iterator[House]:
    """An empty broker on a free port; it and all that was started beside it is stopped at the end.

    `batch_ms` is how long a record of Sluice's job waits for others to go to Python with.
    """
    shutil.rmtree(HOME, ignore_errors=True)
    stack = Stack(_for_one_small_job(on_free_ports(settings, HOME.resolve()), batch_ms), console)
    with as_keyboard_interrupt():
        try:
            stack.start([stack.kafka])
            yield House(stack, console)
        finally:
            stack.stop()
