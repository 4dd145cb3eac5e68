"""Manifests for Flink's Kubernetes operator: a FlinkDeployment for each job, and their settings as a ConfigMap."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path, PurePosixPath
from string import Template
from typing import Any

import yaml

from localstack import flink_home
from sluice.deployment import flink_home as image
from sluice.deployment.addresses import check_addresses
from sluice.flink_jobs import FLINK_JOBS, FlinkJob
from sluice.settings import PROJECT_ROOT, Settings, Vault

TEMPLATES = PROJECT_ROOT / "deploy/kubernetes"
# As deploy/container/Dockerfile lays them out.
HOME = PurePosixPath("/opt/sluice")
PYTHON = HOME / ".venv/bin/python"
SETTINGS_FOLDER = PurePosixPath("/etc/sluice")
KEYS_FOLDER = PurePosixPath("/var/run/sluice-keys")
KEY_FILE = KEYS_FOLDER / "token.key"
VAULT_FILE = KEYS_FOLDER / "vault.public"
SETTINGS_NAME = "sluice-settings"
SECRET = "sluice-keys"


def manifests(settings: Settings) -> dict[str, dict[str, Any]]:
    """File name to manifest. Raises SluiceError where an address of the settings is of no use inside a pod."""
    check_addresses(settings)
    files = {"settings.yaml": settings_map(settings)}
    return files | {f"{job.name}.yaml": deployment(settings, job) for job in FLINK_JOBS}


class _Dumper(yaml.SafeDumper):
    """Writes texts of several lines as they are read."""


def _text(dumper: yaml.SafeDumper, value: str) -> yaml.ScalarNode:
    return dumper.represent_scalar("tag:yaml.org,2002:str", value, style="|" if "\n" in value else None)


_Dumper.add_representer(str, _text)


def as_yaml(manifest: dict[str, Any]) -> str:
    return yaml.dump(manifest, Dumper=_Dumper, sort_keys=False, width=120)


def settings_map(settings: Settings) -> dict[str, Any]:
    """The ConfigMap: what differs from the defaults, with the keys where the pods have them."""
    gate = settings.fraud_detection.gate
    inside = settings
    if gate.keys.source == "file":
        gate = gate.model_copy(update={"keys": gate.keys.model_copy(update={"file": Path(KEY_FILE)})})
        job = settings.fraud_detection.model_copy(update={"gate": gate})
        inside = settings.model_copy(update={"fraud_detection": job})
    vault = Vault(public_key=Path(VAULT_FILE), kms_key_id=settings.vault.kms_key_id)
    inside = inside.model_copy(update={"vault": vault})
    content = inside.model_dump(mode="json", exclude_defaults=True, exclude={"local", "kubernetes"})
    return {
        "apiVersion": "v1",
        "kind": "ConfigMap",
        "metadata": {"name": SETTINGS_NAME, "namespace": settings.kubernetes.namespace},
        "data": {"sluice.yaml": yaml.safe_dump(content, sort_keys=False)},
    }


def deployment(settings: Settings, job: FlinkJob) -> dict[str, Any]:
    """The FlinkDeployment of `job`."""
    common = flink_home.common()
    words = _words(settings, job) | {"job_manager_memory": common["jobmanager.memory.process.size"]}
    filled = _filled("flink_deployment.yaml", words)
    spec = filled["spec"]
    spec["flinkConfiguration"] = dict(_configuration(settings, job))
    if job.decides and settings.fraud_detection.gate.keys.source == "file":
        pod, extra = spec["podTemplate"]["spec"], _filled("keys.yaml", words)
        pod["initContainers"] = extra["initContainers"]
        pod["volumes"] += extra["volumes"]
        mount = {"name": "keys", "mountPath": str(KEYS_FOLDER), "readOnly": True}
        pod["containers"][0]["volumeMounts"].append(mount)
    return filled


def _words(settings: Settings, job: FlinkJob) -> dict[str, object]:
    kubernetes = settings.kubernetes
    return {
        **kubernetes.model_dump(),
        "resource": job.name.replace("_", "-"),
        "flink_version": "v" + "_".join(flink_home.version().split(".")[:2]),
        "metrics_port": image.METRICS_PORT,
        "settings_folder": SETTINGS_FOLDER,
        "settings_name": SETTINGS_NAME,
        "settings_file": SETTINGS_FOLDER / "sluice.yaml",
        "python": PYTHON,
        "main": HOME / job.main,
        "parallelism": job.parallelism(settings),
        "keys_folder": KEYS_FOLDER,
        "secret": SECRET,
    }


def _configuration(settings: Settings, job: FlinkJob) -> Iterator[tuple[str, str]]:
    """Flink's configuration, whose values the operator wants as text. It sets addresses and memory itself."""
    state = f"{settings.kubernetes.state}/{job.name}"
    both: dict[str, Any] = {
        **image.configuration(str(PYTHON)),
        **flink_home.s3(settings.aws),
        "taskmanager.numberOfTaskSlots": 1,
        "taskmanager.memory.managed.size": settings.local.managed_memory,
        "high-availability.type": "kubernetes",
        "high-availability.storageDir": f"{state}/recovery",
        "execution.checkpointing.dir": f"{state}/checkpoints",
        "execution.checkpointing.savepoint-dir": f"{state}/savepoints",
    }
    for key, value in sorted(both.items()):
        if not key.startswith(_OF_THE_OPERATOR):
            yield key, str(value).lower() if isinstance(value, bool) else str(value)


# What it derives from the rest of the spec, or refuses to have set.
_OF_THE_OPERATOR = (
    "jobmanager.rpc.",
    "jobmanager.bind-host",
    "taskmanager.bind-host",
    "rest.",
    "parallelism.default",
    "jobmanager.memory.process.size",
)


def _filled(template: str, words: dict[str, object]) -> dict[str, Any]:
    text = (TEMPLATES / template).read_text(encoding="utf-8")
    filled: dict[str, Any] = yaml.safe_load(Template(text).substitute(words))
    return filled
