"""The systems: how each is started on two cores, and stopped."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from bench.peers.ends import Ends
from bench.peers.house import House
from localstack.errors import ServerError
from localstack.flink_jobs import ENDED
from localstack.ports import free_port
from sluice.settings import PROJECT_ROOT, Topics, dump

PEERS_PYTHON = PROJECT_ROOT / "build/envs/peers/bin/python"
JAVA_JAR = PROJECT_ROOT / "build/jars/peers/velocity.jar"
SQL_JOB = PROJECT_ROOT / "bench/peers/flink_sql/main.py"
RECOVERY_SECONDS = 60.0


@dataclass(frozen=True)
class Running:
    """A started system: its processes by name, and a look at whether it still works, which raises ServerError."""

    processes: Sequence[str]
    check: Callable[[], None]


class System(Protocol):
    """`prepare` does what happens before the clock starts, `running` starts and stops the system itself."""

    @property
    def key(self) -> str: ...

    @property
    def title(self) -> str: ...

    def prepare(self, house: House, ends: Ends) -> None: ...

    def running(self, house: House, ends: Ends) -> AbstractContextManager[Running]: ...

    def release(self, house: House) -> None: ...


@dataclass(frozen=True)
class Programs:
    """A system of Python processes; `commands` and `preparation` are what comes behind the interpreter."""

    key: str
    title: str
    python: Path
    commands: Callable[[Ends], Sequence[Sequence[object]]]
    preparation: Callable[[Ends], Sequence[object]] | None = None

    def prepare(self, house: House, ends: Ends) -> None:
        if not self.python.exists():
            raise ServerError(f"the environment of {self.title} is missing: make bench makes it")
        if self.preparation is not None:
            name = f"{self.key}-preparation"
            self._start(house, ends, name, self.preparation(ends))
            if house.stack.processes.wait(name, RECOVERY_SECONDS) != 0:
                raise ServerError(f"{self.title} cannot start; see {house.stack.processes.log(name)}")

    @contextmanager
    def running(self, house: House, ends: Ends) -> Iterator[Running]:
        processes, commands = house.stack.processes, self.commands(ends)
        names = [f"{self.key}-{number}" for number in range(len(commands))]

        def check() -> None:
            for name in names:
                if not processes.is_alive(name):
                    raise ServerError(f"{self.title} has ended; see {processes.log(name)}")

        try:
            for name, command in zip(names, commands, strict=True):
                self._start(house, ends, name, command)
            yield Running(names, check)
        finally:
            processes.stop(names)

    def _start(self, house: House, ends: Ends, name: str, command: Sequence[object]) -> None:
        environment = {**os.environ, **ends.environment(), "PYTHONPATH": str(PROJECT_ROOT)}
        house.stack.processes.start(name, [self.python, *command], environment=environment, folder=Path(ends.folder))

    def release(self, house: House) -> None:
        """Nothing is left once the processes have ended."""


@dataclass(frozen=True)
class FlinkJob:
    """A job on a Flink cluster of its own, so that no JVM is warm from the one before."""

    key: str
    title: str
    submit: Callable[[House, Ends], str]

    def prepare(self, house: House, ends: Ends) -> None:  # noqa: ARG002 - the ends are for those who need them
        house.stack.start([house.stack.flink])

    @contextmanager
    def running(self, house: House, ends: Ends) -> Iterator[Running]:
        jobs, job_id = house.stack.flink.jobs, self.submit(house, ends)

        def check() -> None:
            if jobs.state(job_id) in ENDED:
                raise ServerError(f"{self.title} has ended: {jobs.trouble(job_id)}")

        try:
            yield Running(house.stack.flink.process_names, check)
        finally:
            if jobs.state(job_id) not in ENDED:
                jobs.cancel(job_id)

    def release(self, house: House) -> None:
        house.stack.stop([house.stack.flink])


def _plain_loop(ends: Ends) -> Sequence[Sequence[object]]:
    del ends
    return [["-m", "bench.peers.plain_loop", *partitions] for partitions in ((0, 1), (2, 3))]


def _bytewax(ends: Ends) -> Sequence[Sequence[object]]:
    addresses = ";".join(f"127.0.0.1:{free_port()}" for _ in range(2))
    recovery = ["-r", ends.folder, "-s", 30, "-b", 0]
    flow = "bench.peers.bytewax_flow:dataflow()"
    return [["-m", "bytewax.run", flow, "-i", number, "-a", addresses, *recovery] for number in range(2)]


def _bytewax_recovery(ends: Ends) -> Sequence[object]:
    return ["-m", "bytewax.recovery", ends.folder, 2]


def _quix(ends: Ends) -> Sequence[Sequence[object]]:
    del ends
    return [["-m", "bench.peers.quix_app"] for _ in range(2)]


def _submit_java(house: House, ends: Ends) -> str:
    if not JAVA_JAR.exists():
        raise ServerError(f"{JAVA_JAR} is missing: make bench builds it")
    job = house.settings.fraud_detection
    return house.stack.flink.run(
        "velocity-java",
        *("-c", "sluice.peers.Velocity", "-p", job.parallelism),
        f"-Dexecution.buffer-timeout.interval={job.buffer_timeout_ms} ms",
        f"-Dexecution.checkpointing.interval={round(job.checkpoint_seconds * 1_000)} ms",
        JAVA_JAR,
        *(ends.bootstrap, ends.input, ends.output, ends.key_file),
    )


def _submit_sql(house: House, ends: Ends) -> str:
    topics = Topics(transactions=ends.input, alerts=ends.output)
    settings = house.settings.model_copy(update={"kafka": house.settings.kafka.model_copy(update={"topics": topics})})
    return house.stack.flink.submit(SQL_JOB, dump(settings, Path(ends.folder) / "settings.yaml"))


SLUICE = FlinkJob("sluice", "Sluice", _submit_sql)
PLAIN_LOOP = Programs("plain", "plain loop", Path(sys.executable), _plain_loop)
SYSTEMS: Mapping[str, System] = {
    each.key: each
    for each in (
        SLUICE,
        FlinkJob("java", "Java on Flink", _submit_java),
        Programs("bytewax", "Bytewax", PEERS_PYTHON, _bytewax, _bytewax_recovery),
        Programs("quix", "Quix Streams", PEERS_PYTHON, _quix),
        PLAIN_LOOP,
    )
}
