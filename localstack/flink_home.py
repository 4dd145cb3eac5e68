"""The folders of a local Flink cluster: configuration, class path and plug-ins, laid out from pip's distribution."""

from __future__ import annotations

import importlib.util
import os
import shutil
import sys
from importlib import metadata
from pathlib import Path
from typing import Any

import yaml

from localstack import native_libraries
from localstack.errors import ServerError
from localstack.ports import free_port
from sluice.settings import PROJECT_ROOT, Aws, Settings

TEMPLATES = PROJECT_ROOT / "deploy/flink"
JARS = PROJECT_ROOT / "build/jars"
METRICS = "metrics-prometheus"
OF_ANOTHER_FLINK = ("FLINK_", "PYFLINK_", "_PYFLINK_", "PYTHON_LOOPBACK_", "_PYTHON_WORKER_", "JVM_ARGS")


def distribution() -> Path:
    """Where pip put Flink: bin, lib, opt and conf stand there."""
    found = importlib.util.find_spec("pyflink")
    if found is None or found.origin is None:
        raise ServerError("Flink is not installed in this environment; run make setup")
    return Path(found.origin).parent


def prometheus(ports: str) -> dict[str, Any]:
    """Flink's settings that show the metrics of each process to Prometheus, at the first of `ports` that is free."""
    return {
        "metrics.reporters": "prometheus",
        "metrics.reporter.prometheus.factory.class": "org.apache.flink.metrics.prometheus.PrometheusReporterFactory",
        "metrics.reporter.prometheus.port": ports,
    }


def flattened(tree: dict[str, Any], prefix: str = "") -> dict[str, Any]:
    """Nested keys joined with dots, as Flink's documentation names them."""
    flat: dict[str, Any] = {}
    for key, value in tree.items():
        flat |= flattened(value, f"{prefix}{key}.") if isinstance(value, dict) else {f"{prefix}{key}": value}
    return flat


class FlinkHome:
    """`local.home`/flink. Flink's own folders in site-packages stay as they are."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self.folder = (settings.local.home / "flink").resolve()

    def environment(self) -> dict[str, str]:
        """What Flink's scripts read; no log or state of another Flink on this machine is touched.

        What another Flink has left in this process's environment stays behind: PyFlink's local mode, for one, puts the
        options of its JVM there, and the address at which this process itself would serve as a Python worker.
        """
        return {
            **{name: value for name, value in os.environ.items() if not name.startswith(OF_ANOTHER_FLINK)},
            "FLINK_CONF_DIR": str(self.folder / "conf"),
            "FLINK_LIB_DIR": str(self.folder / "lib"),
            "FLINK_PLUGINS_DIR": str(self.folder / "plugins"),
            "FLINK_LOG_DIR": str(self.folder / "log"),
            "FLINK_PID_DIR": str(self.folder / "pid"),
            "FLINK_IDENT_STRING": "sluice",
            # The scripts would else look for a Hadoop on this machine.
            "HADOOP_CLASSPATH": "",
            "HADOOP_CONF_DIR": str(self.folder / "conf"),
        }

    def lay_out(self) -> None:
        """Write the configuration and link the jars anew; logs, checkpoints and savepoints stay."""
        for name in ("conf", "lib", "native", "plugins", "pid", "tmp"):
            shutil.rmtree(self.folder / name, ignore_errors=True)
        for name in ("conf", "pid", "tmp", "log", "checkpoints", "savepoints"):
            (self.folder / name).mkdir(parents=True, exist_ok=True)
        copy_logging(self.folder / "conf")
        configuration = self.configuration()
        library = native_libraries.unpack_zstd(JARS / "flink", self.folder / "native")
        configuration["env.java.opts.taskmanager"] += native_libraries.java_option(library)
        text = yaml.safe_dump(configuration, width=10_000)
        (self.folder / "conf/config.yaml").write_text(text, encoding="utf-8")
        place_jars(self.folder)

    def configuration(self) -> dict[str, Any]:
        """Flink's own defaults, those of deploy/flink/config.yaml, then what follows from the settings."""
        return {
            **shipped(),
            **common(),
            **self._addresses(),
            **self._resources(),
            **s3(self._settings.aws),
            **self._metrics(),
            **self._high_availability(),
        }

    def _addresses(self) -> dict[str, Any]:
        port = self._settings.local.flink_port
        return {
            "rest.address": "127.0.0.1",
            "rest.bind-address": "127.0.0.1",
            "rest.port": port,
            "rest.bind-port": str(port),
            "jobmanager.rpc.address": "127.0.0.1",
            "jobmanager.rpc.port": free_port(),
            "jobmanager.bind-host": "127.0.0.1",
            "taskmanager.host": "127.0.0.1",
            "taskmanager.bind-host": "127.0.0.1",
        }

    def _resources(self) -> dict[str, Any]:
        local = self._settings.local
        return {
            "taskmanager.numberOfTaskSlots": local.slots,
            "taskmanager.memory.process.size": local.task_manager_memory,
            "taskmanager.memory.managed.size": local.managed_memory,
            "python.executable": sys.executable,
            "python.client.executable": sys.executable,
            "io.tmp.dirs": str(self.folder / "tmp"),
            "web.tmpdir": str(self.folder / "tmp"),
            "execution.checkpointing.dir": (self.folder / "checkpoints").as_uri(),
            "execution.checkpointing.savepoint-dir": (self.folder / "savepoints").as_uri(),
        }

    def _high_availability(self) -> dict[str, Any]:
        port = self._settings.local.zookeeper_port
        if port is None:
            return {}
        return {
            "high-availability.type": "zookeeper",
            "high-availability.zookeeper.quorum": f"127.0.0.1:{port}",
            "high-availability.storageDir": (self.folder / "recovery").as_uri(),
            # So long a JobManager that was killed still passes for the leader.
            "high-availability.zookeeper.client.session-timeout": "6s",
            "high-availability.zookeeper.client.connection-timeout": "5s",
        }

    def _metrics(self) -> dict[str, Any]:
        first = self._settings.local.metrics_port
        if first is None:
            return {}
        # One for each process, and one for a TaskManager that comes back while its port is not free yet.
        return prometheus(f"{first}-{first + self._settings.local.task_managers + 1}")


def s3(aws: Aws) -> dict[str, Any]:
    """Flink's settings for S3 as Sluice has them."""
    keys = {
        "s3.region": aws.region,
        "s3.endpoint": aws.endpoint_url,
        "s3.path-style-access": True if aws.endpoint_url else None,
        "s3.access-key": aws.access_key_id,
        "s3.secret-key": aws.secret_access_key,
    }
    return {key: value for key, value in keys.items() if value is not None}


def version() -> str:
    """Of Flink, as pip has installed it."""
    return metadata.version("apache-flink")


def shipped() -> dict[str, Any]:
    """Flink's own configuration, as it stands in its distribution."""
    return _read(distribution() / "conf/config.yaml")


def common() -> dict[str, Any]:
    """What every cluster of Sluice is configured with, from deploy/flink/config.yaml."""
    return _read(TEMPLATES / "config.yaml")


def copy_logging(conf: Path) -> None:
    for template in TEMPLATES.glob("log4j-*.properties"):
        shutil.copy(template, conf)


def place_jars(home: Path) -> None:
    """`lib` and `plugins` below `home`: those of Flink's distribution and of build/jars, linked; the kernel copied.

    Raises ServerError where one of them is missing.
    """
    kernel = JARS / "kernel/sluice-kernel.jar"
    if not kernel.exists():
        raise ServerError(f"{kernel} is missing; run make setup")
    link(distribution() / "lib", home / "lib")
    # The kernel's Python steps; a JVM can load their native library but once, so no job may bring it along.
    link(distribution() / "opt", home / "lib", "flink-python-*.jar")
    link(JARS / "flink", home / "lib")
    link(JARS / "s3", home / "plugins/s3-fs-native")
    link(distribution() / "plugins" / METRICS, home / "plugins" / METRICS)
    # A copy, because a jar that is built anew under a running JVM makes it crash.
    shutil.copy(kernel, home / "lib")


def _read(file: Path) -> dict[str, Any]:
    return flattened(yaml.safe_load(file.read_text(encoding="utf-8")))


def link(source: Path, target: Path, names: str = "*.jar") -> None:
    """A link in `target` to each of the jars of `source`. Raises ServerError where there is none."""
    jars = list(source.glob(names))
    target.mkdir(parents=True, exist_ok=True)
    if not jars:
        raise ServerError(f"{source} holds no jars; run make setup")
    for jar in jars:
        (target / jar.name).symlink_to(jar)
