"""Ports of the local servers: whether they are free, agree with the settings, or should be other ones."""

from __future__ import annotations

import socket
from pathlib import Path

import psutil

from localstack.errors import ServerError
from localstack.postgres import address
from sluice.settings import Settings


def free_port() -> int:
    """A port of 127.0.0.1 that nobody listens on now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def check_addresses(settings: Settings) -> None:
    """Raise ServerError where the jobs would look for a server elsewhere than `sluice up` starts it."""
    local = settings.local
    pairs = (
        ("kafka.bootstrap", settings.kafka.bootstrap, "local.kafka_port", f"127.0.0.1:{local.kafka_port}"),
        (
            "aws.endpoint_url",
            settings.aws.endpoint_url,
            "local.localstack_port",
            f"http://127.0.0.1:{local.localstack_port}",
        ),
    )
    for name, value, port_name, expected in pairs:
        if value != expected:
            raise ServerError(
                f"{name} is {value}, but by {port_name} the local server is at {expected}: set both alike"
            )


def check_port(setting: str, port: int) -> None:
    """Raise ServerError when somebody listens on `port` already, saying who and which `setting` changes it."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError as error:
            remedy = f"stop it, or choose another {setting} in sluice.yaml"
            raise ServerError(f"port {port} is in use by {_listener(port)}: {remedy}") from error


def _listener(port: int) -> str:
    try:
        connections = psutil.net_connections(kind="tcp")
    except psutil.AccessDenied:
        connections = []
    for each in connections:
        if each.status == psutil.CONN_LISTEN and each.laddr and each.laddr.port == port and each.pid is not None:
            return f"process {each.pid} ({psutil.Process(each.pid).name()})"
    return "another process"


def on_free_ports(settings: Settings, home: Path) -> Settings:
    """A copy of `settings` with free ports and all its state, keys and warehouse included, under `home`."""
    kafka, controller, localstack, flink = (free_port() for _ in range(4))
    postgres = None if settings.local.postgres_port is None else free_port()
    source = {} if postgres is None else {"source": address(postgres)}
    local = settings.local.model_copy(
        update={
            "home": home,
            "kafka_port": kafka,
            "kafka_controller_port": controller,
            "localstack_port": localstack,
            "flink_port": flink,
            "metrics_port": None if settings.local.metrics_port is None else free_port(),
            "postgres_port": postgres,
        }
    )
    keys = settings.fraud_detection.gate.keys.model_copy(update={"file": home / "keys/token.key"})
    gate = settings.fraud_detection.gate.model_copy(update={"keys": keys})
    vault = {"public_key": home / "keys/vault.public", "private_key": home / "keys/vault.key"}
    return settings.model_copy(
        update={
            "local": local,
            "kafka": settings.kafka.model_copy(update={"bootstrap": f"127.0.0.1:{kafka}"}),
            "aws": settings.aws.model_copy(update={"endpoint_url": f"http://127.0.0.1:{localstack}"}),
            "fraud_detection": settings.fraud_detection.model_copy(update={"gate": gate}),
            "vault": settings.vault.model_copy(update=vault),
            "nightly": settings.nightly.model_copy(update=source),
            "warehouse": settings.warehouse.model_copy(update={"database": home / "warehouse.duckdb"}),
        }
    )
