"""The whole local stand-in for the cloud: Kafka, LocalStack and Flink, started and stopped together."""

from __future__ import annotations

import time
from collections.abc import Iterable
from types import TracebackType
from typing import Protocol, Self

from rich.console import Console

from localstack.errors import ServerError
from localstack.flink import FlinkCluster
from localstack.interrupts import as_keyboard_interrupt
from localstack.kafka import KafkaBroker
from localstack.localstack import LocalStack
from localstack.ports import check_addresses, check_port
from localstack.postgres import Postgres
from localstack.processes import Processes
from localstack.waiting import until
from localstack.zookeeper import ZooKeeper
from sluice.settings import Settings, dump

LOG_LINES = 5


class Component(Protocol):
    """One server, perhaps of several processes. `launch` returns at once where it can."""

    title: str
    ready_seconds: float

    @property
    def process_names(self) -> tuple[str, ...]: ...

    @property
    def ports(self) -> dict[str, int]:
        """The port of each setting that names one."""

    def launch(self) -> None:
        """Start what does not run yet."""

    def is_ready(self) -> bool: ...


class Stack:
    """The servers that `settings` describe; used with `with`, they are stopped at the end."""

    def __init__(self, settings: Settings, console: Console | None = None) -> None:
        self.settings = settings
        self.home = settings.local.home.resolve()
        self.settings_file = self.home / "settings.yaml"
        self.processes = Processes(self.home)
        self.kafka = KafkaBroker(settings, self.processes)
        self.localstack = LocalStack(settings, self.processes)
        self.flink = FlinkCluster(settings, self.processes)
        port = settings.local.zookeeper_port
        self._zookeeper = () if port is None else (ZooKeeper(settings, port, self.processes),)
        port = settings.local.postgres_port
        self.postgres = () if port is None else (Postgres(settings, port, self.processes),)
        self._console = console or Console(quiet=True)

    @property
    def components(self) -> tuple[Component, ...]:
        """All of them, the slowest to start first."""
        return (self.localstack, self.flink, self.kafka, *self._zookeeper, *self.postgres)

    def start(self, components: Iterable[Component] | None = None) -> None:
        """Start what does not run yet and wait until it answers.

        When anything fails, or on Ctrl-C and SIGTERM, what was started here is stopped again. Raises ServerError.
        """
        chosen = tuple(components or self.components)
        before = set(self.processes.names())
        check_addresses(self.settings)
        with as_keyboard_interrupt():
            try:
                self._check_ports(chosen)
                dump(self.settings, self.settings_file)
                self._launch_and_wait(chosen, before)
            except BaseException:
                self.processes.stop(set(self.processes.names()) - before)
                raise

    def stop(self, components: Iterable[Component] | None = None) -> list[str]:
        """Stop these components (everything by default); the names of the processes that ran."""
        names = None if components is None else [name for each in components for name in each.process_names]
        return self.processes.stop(names)

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.stop()

    def _check_ports(self, components: tuple[Component, ...]) -> None:
        for component in components:
            if any(self.processes.is_alive(name) for name in component.process_names):
                continue
            for setting, port in component.ports.items():
                check_port(setting, port)

    def _launch_and_wait(self, components: tuple[Component, ...], before: set[str]) -> None:
        """All are launched first, so that they start side by side."""
        begin = time.monotonic()
        with self._console.status("Starting …") as status:
            for component in components:
                status.update(f"Starting {component.title} …")
                component.launch()
            for component in reversed(components):
                status.update(f"Waiting for {component.title} …")
                self._wait(component)
                elapsed = time.monotonic() - begin
                note = " (ran already)" if before.issuperset(component.process_names) else ""
                self._console.print(f"  [green]✓[/] {component.title:<11}{elapsed:5.1f} s  {_where(component)}{note}")

    def _wait(self, component: Component) -> None:
        if not until(lambda: self._is_ready(component), component.ready_seconds):
            seconds = component.ready_seconds
            raise ServerError(f"{component.title} does not answer after {seconds:.0f} s; see {self.home / 'logs'}")

    def _is_ready(self, component: Component) -> bool:
        for name in component.process_names:
            if not self.processes.is_alive(name):
                raise ServerError(f"{component.title} has ended while it started:\n{self._last_words(name)}")
        return component.is_ready()

    def _last_words(self, name: str) -> str:
        log = self.processes.log(name)
        lines = log.read_text(encoding="utf-8", errors="replace").splitlines()[-LOG_LINES:]
        return "\n".join(f"  {line}" for line in [*lines, f"(all of it in {log})"])


def _where(component: Component) -> str:
    return f"127.0.0.1:{next(iter(component.ports.values()))}"
