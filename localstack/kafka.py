"""One Kafka broker in KRaft mode, and the topics of Sluice."""

from __future__ import annotations

import base64
import uuid
from collections.abc import Container, Mapping, Sequence
from pathlib import Path

from confluent_kafka import KafkaException
from confluent_kafka.admin import AdminClient, NewTopic

from localstack.errors import ServerError
from localstack.processes import Processes
from sluice.settings import PROJECT_ROOT, Kafka, Settings
from udfs import references

NAME = "kafka"
JARS = PROJECT_ROOT / "build/jars/kafka"
FORMAT_SECONDS = 60.0
ANSWER_SECONDS = 5.0
# More than the gate takes, so that an oversized message gets there and is quarantined, not lost at the door.
MAX_MESSAGE_BYTES = 11 * 1024 * 1024
# Of each key the latest message stays for good. That a version was withdrawn is told for so long.
VERSIONS = {"cleanup.policy": "compact", "delete.retention.ms": str(30 * 24 * 3_600_000)}
KEPT = {
    **dict.fromkeys(references.NAMES, VERSIONS),
    "token_vault": {"cleanup.policy": "compact"},
    "audit": {"retention.ms": "-1"},
}
"""Topics whose records do not go with time, by their names in the settings."""
JAVA = (
    "java",
    "-Xms256m",
    "-Xmx512m",
    "-XX:+UseSerialGC",
    "-Dorg.slf4j.simpleLogger.defaultLogLevel=warn",
    "-Dorg.slf4j.simpleLogger.showDateTime=true",
    "-cp",
    f"{JARS}/*",
)


def server_properties(settings: Settings) -> dict[str, str]:
    """The broker's configuration: everything replicated once, the data under `local.home`."""
    local = settings.local
    broker, controller = f"127.0.0.1:{local.kafka_port}", f"127.0.0.1:{local.kafka_controller_port}"
    return {
        "process.roles": "broker,controller",
        "node.id": "1",
        "controller.quorum.voters": f"1@{controller}",
        "listeners": f"PLAINTEXT://{broker},CONTROLLER://{controller}",
        "advertised.listeners": f"PLAINTEXT://{broker}",
        "controller.listener.names": "CONTROLLER",
        "listener.security.protocol.map": "PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT",
        "log.dirs": str((local.home / "kafka").resolve()),
        "auto.create.topics.enable": "false",
        "message.max.bytes": str(MAX_MESSAGE_BYTES),
        "offsets.topic.replication.factor": "1",
        "offsets.topic.num.partitions": "1",
        "transaction.state.log.replication.factor": "1",
        "transaction.state.log.min.isr": "1",
        "transaction.state.log.num.partitions": "1",
        "share.coordinator.state.topic.replication.factor": "1",
        "share.coordinator.state.topic.min.isr": "1",
        "share.coordinator.state.topic.num.partitions": "1",
        "group.initial.rebalance.delay.ms": "0",
        "num.network.threads": "2",
        "num.io.threads": "2",
        "log.cleaner.dedupe.buffer.size": str(16 * 1024 * 1024),
    }


class KafkaBroker:
    """Keeps its data when it is stopped, and goes on with it at the next start."""

    title = "Kafka"
    ready_seconds = 240.0

    def __init__(self, settings: Settings, processes: Processes) -> None:
        self._settings = settings
        self._processes = processes
        self._data = (settings.local.home / "kafka").resolve()

    @property
    def process_names(self) -> tuple[str, ...]:
        return (NAME,)

    @property
    def ports(self) -> dict[str, int]:
        local = self._settings.local
        return {"local.kafka_port": local.kafka_port, "local.kafka_controller_port": local.kafka_controller_port}

    def launch(self) -> None:
        if self._processes.is_alive(NAME):
            return
        properties = self._write_properties()
        if not (self._data / "meta.properties").exists():
            self._format(properties)
        self._processes.start(NAME, [*JAVA, "kafka.Kafka", properties])

    def _write_properties(self) -> Path:
        self._data.mkdir(parents=True, exist_ok=True)
        file = self._data.parent / "kafka.properties"
        lines = [f"{key}={value}\n" for key, value in server_properties(self._settings).items()]
        file.write_text("".join(lines), encoding="utf-8")
        return file

    def _format(self, properties: Path) -> None:
        name = "kafka-format"
        cluster_id = base64.urlsafe_b64encode(uuid.uuid4().bytes).rstrip(b"=").decode()
        command = [*JAVA, "kafka.tools.StorageTool", "format", "-t", cluster_id, "-c", properties]
        self._processes.start(name, command)
        if self._processes.wait(name, FORMAT_SECONDS) != 0:
            raise ServerError(f"Kafka cannot use {self._data}; see {self._processes.log(name)}")

    def is_ready(self) -> bool:
        """Whether the broker gives out its metadata and has all topics, which are created here."""
        client = AdminClient({"bootstrap.servers": self._settings.kafka.bootstrap, "log_level": 0})
        try:
            existing = client.list_topics(timeout=ANSWER_SECONDS).topics
            create_missing_topics(client, self._settings.kafka, existing)
        except KafkaException:
            return False
        wanted = self._settings.kafka.topics.model_dump().values()
        self._check_partitions({name: len(existing[name].partitions) for name in wanted if name in existing})
        return True

    def _check_partitions(self, found: dict[str, int]) -> None:
        wanted = self._settings.kafka.partitions
        for topic, number in found.items():
            if number != wanted:
                raise ServerError(
                    f"topic {topic} has {number} partitions, but kafka.partitions is {wanted}: "
                    f"set it to {number}, or run sluice down and delete {self._data} with all its messages"
                )


def create_missing_topics(client: AdminClient, kafka: Kafka, existing: Container[str]) -> list[str]:
    """Create the topics of the settings that are not among `existing`; their names. Raises KafkaException."""
    missing = {field: name for field, name in kafka.topics.model_dump().items() if name not in existing}
    for field, name in missing.items():
        create_topics(client, [name], kafka.partitions, KEPT.get(field))
    return list(missing.values())


def create_topics(
    client: AdminClient, names: Sequence[str], partitions: int, changes: Mapping[str, str] | None = None
) -> None:
    """Create topics as Sluice has them, but for `changes`. Raises KafkaException, also where one exists already."""
    # The append time is the broker's, so that producers' clocks cannot bend the measured latency.
    config = {"message.timestamp.type": "LogAppendTime", "max.message.bytes": str(MAX_MESSAGE_BYTES), **(changes or {})}
    # As many replicas as the broker's own default.
    topics = [NewTopic(name, num_partitions=partitions, replication_factor=-1, config=config) for name in names]
    for done in client.create_topics(topics, request_timeout=ANSWER_SECONDS).values() if topics else ():
        done.result()
