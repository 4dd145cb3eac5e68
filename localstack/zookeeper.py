"""ZooKeeper out of Flink's own distribution: where a JobManager that comes back finds its jobs."""

from __future__ import annotations

import socket

from localstack.flink_home import distribution
from localstack.processes import Processes
from sluice.settings import Settings

NAME = "zookeeper"
MAIN_CLASS = "org.apache.flink.runtime.zookeeper.FlinkZooKeeperQuorumPeer"
ANSWER_SECONDS = 2.0


class ZooKeeper:
    """One server on this machine. Keeps its data when it is stopped."""

    title = "ZooKeeper"
    ready_seconds = 60.0

    def __init__(self, settings: Settings, port: int, processes: Processes) -> None:
        self._processes = processes
        self._port = port
        self._data = (settings.local.home / "zookeeper").resolve()

    @property
    def process_names(self) -> tuple[str, ...]:
        return (NAME,)

    @property
    def ports(self) -> dict[str, int]:
        return {"local.zookeeper_port": self._port}

    def configuration(self) -> dict[str, str]:
        """Of a single server, open to this machine only."""
        return {
            "dataDir": str(self._data),
            "clientPort": str(self._port),
            "clientPortAddress": "127.0.0.1",
            "tickTime": "1000",
            "admin.enableServer": "false",
            "4lw.commands.whitelist": "ruok",
        }

    def launch(self) -> None:
        if self._processes.is_alive(NAME):
            return
        self._data.mkdir(parents=True, exist_ok=True)
        file = self._data.parent / "zookeeper.properties"
        file.write_text("".join(f"{key}={value}\n" for key, value in self.configuration().items()), encoding="utf-8")
        command = ["java", "-Xmx128m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1"]
        jars = f"{distribution() / 'lib'}/*"
        self._processes.start(NAME, [*command, "-cp", jars, MAIN_CLASS, "--zkConfigFile", file, "--peerId", "1"])

    def is_ready(self) -> bool:
        """Whether it says so itself."""
        try:
            with socket.create_connection(("127.0.0.1", self._port), ANSWER_SECONDS) as connection:
                connection.sendall(b"ruok")
                return connection.recv(4) == b"imok"
        except OSError:
            return False
