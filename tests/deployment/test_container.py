"""compose.yaml, the image's build steps in a plain folder, and what both take from the settings."""

from __future__ import annotations

import re
import shlex
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml

from localstack import flink_home, kafka
from sluice.deployment import kubernetes
from sluice.doctor import machine
from sluice.settings import PROJECT_ROOT, Settings, load

COMPOSE = yaml.safe_load((PROJECT_ROOT / "compose.yaml").read_text(encoding="utf-8"))
SERVICES: dict[str, Any] = COMPOSE["services"]
INSIDE = load(PROJECT_ROOT / "deploy/container/sluice.yaml")
DOCKERFILE = (PROJECT_ROOT / "deploy/container/Dockerfile").read_text(encoding="utf-8")


def options(service: str) -> dict[str, str]:
    words = shlex.split(SERVICES[service]["environment"]["OPTIONS"])
    assert set(words[::2]) == {"-D"}
    return dict(each.split("=", 1) for each in words[1::2])


def test_what_a_service_names_is_there() -> None:
    for name, service in SERVICES.items():
        assert re.search(r":v?\d+\.\d+(\.\d+)?$", service["image"]), f"{name} has no pinned version"
        needed = service.get("depends_on", [])
        assert set(needed) <= set(SERVICES), name
        for other, how in needed.items() if isinstance(needed, dict) else ():
            assert how["condition"] != "service_healthy" or "healthcheck" in SERVICES[other], (name, other)
        for mount in service.get("volumes", []):
            source = mount.split(":")[0]
            assert source in COMPOSE["volumes"] or (PROJECT_ROOT / source).exists(), mount
    ports = [port.rsplit(":", 1)[0] for each in SERVICES.values() for port in each.get("ports", [])]
    assert len(ports) == len(set(ports))
    assert all(port.startswith("127.0.0.1:") for port in ports)


def test_flinks_options_follow_from_the_settings() -> None:
    local = INSIDE.local
    for service in ("jobmanager", "taskmanager"):
        found = options(service)
        s3 = {key: str(value).lower() if value is True else value for key, value in flink_home.s3(INSIDE.aws).items()}
        assert {key: value for key, value in found.items() if key.startswith("s3.")} == s3
        assert found["taskmanager.numberOfTaskSlots"] == str(local.slots)
        assert found["taskmanager.memory.process.size"] == local.task_manager_memory
        assert found["taskmanager.memory.managed.size"] == local.managed_memory
        assert found["jobmanager.rpc.address"] in SERVICES
    assert SERVICES["taskmanager"]["deploy"]["replicas"] == local.task_managers


def test_kafka_is_as_on_one_machine_and_reached_from_outside_by_the_defaults() -> None:
    broker = SERVICES["kafka"]
    environment = broker["environment"]
    advertised = dict(each.split("://") for each in environment["KAFKA_ADVERTISED_LISTENERS"].split(","))
    assert advertised == {"PLAINTEXT": INSIDE.kafka.bootstrap, "OUTSIDE": Settings().kafka.bootstrap}
    local = kafka.server_properties(Settings())
    for key in ("message.max.bytes", "auto.create.topics.enable", "offsets.topic.replication.factor"):
        assert environment[f"KAFKA_{key.upper().replace('.', '_')}"] == local[key]
    pinned = next(pin for pin in machine.pins()["kafka"] if pin.startswith("kafka_2.13-"))
    assert broker["image"] == f"apache/kafka:{pinned.removeprefix('kafka_2.13-')}"
    outside = {port for each in SERVICES.values() for port in each.get("ports", [])}
    assert f"127.0.0.1:{Settings().local.localstack_port}:4566" in outside
    assert f"127.0.0.1:{Settings().local.flink_port}:8081" in outside


def test_image_and_manifests_agree_on_places() -> None:
    assert f"WORKDIR {kubernetes.HOME}" in DOCKERFILE
    assert "deploy/container/build.sh /opt/flink" in DOCKERFILE
    assert SERVICES["submit"]["image"] == Settings().kubernetes.image
    keys = INSIDE.fraud_detection.gate.keys.file.parent
    assert f"keys:{kubernetes.HOME / keys.as_posix()}" in SERVICES["taskmanager"]["volumes"]
    bases = re.findall(r"^FROM (\S+)", DOCKERFILE, re.MULTILINE)
    assert len(set(bases)) == 1
    assert re.fullmatch(r"python:3\.11\.\d+-slim-\w+", bases[0])


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What the image's build steps lay out, from this checkout's environment and jars."""
    folder = tmp_path_factory.mktemp("image") / "flink"
    script = PROJECT_ROOT / "deploy/container/build.sh"
    done = subprocess.run(["sh", script, folder], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return folder


def test_the_build_lays_out_a_whole_flink(home: Path) -> None:
    jars = {file.name for file in (home / "lib").iterdir()}
    for pin in machine.pins()["flink"]:
        assert f"{pin}.jar" in jars
    assert {"sluice-kernel.jar", f"flink-python-{flink_home.version()}.jar"} <= jars
    assert {each.name for each in (home / "plugins").iterdir()} == {"s3-fs-native", "metrics-prometheus"}
    configuration = yaml.safe_load((home / "conf/config.yaml").read_text(encoding="utf-8"))
    assert configuration["rest.bind-address"] == "0.0.0.0"  # noqa: S104 - in a container
    assert "taskmanager.host" not in configuration
    assert configuration.items() >= flink_home.common().items() - {("jobmanager.memory.process.size", "1200m")}


@pytest.mark.parametrize("script", ["build.sh", "submit.sh", "entrypoint.sh"])
def test_scripts_are_sound_shell(script: str) -> None:
    subprocess.run(["sh", "-n", PROJECT_ROOT / "deploy/container" / script], check=True)
