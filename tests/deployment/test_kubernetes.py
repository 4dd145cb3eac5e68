"""Manifests that follow from settings and jobs. Their shape was held against the operator's own schema."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml
from typer.testing import CliRunner

from localstack import flink_home
from sluice import cli
from sluice.deployment import kubernetes
from sluice.errors import SluiceError
from sluice.flink_jobs import FLINK_JOBS, named
from sluice.settings import Aws, FraudDetection, Gate, Kafka, Keys, Kubernetes, Settings, Vault, dump, load

SETTINGS = Settings(
    kafka=Kafka(bootstrap="broker-1:9092,broker-2:9092"),
    aws=Aws(endpoint_url=None, region="eu-central-1", access_key_id=None, secret_access_key=None),
    fraud_detection=FraudDetection(parallelism=4),
    kubernetes=Kubernetes(image="registry/sluice:1", namespace="fraud", state="s3://state/flink"),
)
SPEC = {
    "flinkConfiguration",
    "flinkVersion",
    "image",
    "job",
    "jobManager",
    "podTemplate",
    "serviceAccount",
    "taskManager",
}
JOB = {"args", "entryClass", "parallelism", "state", "upgradeMode"}


def with_keys(**values: Any) -> Settings:
    gate = Gate(keys=Keys(**values))
    job = SETTINGS.fraud_detection.model_copy(update={"gate": gate})
    return SETTINGS.model_copy(update={"fraud_detection": job})


@pytest.fixture(params=[job.name for job in FLINK_JOBS])
def deployed(request: pytest.FixtureRequest) -> tuple[str, dict[str, Any]]:
    return request.param, kubernetes.deployment(SETTINGS, named(request.param))


def test_the_fields_are_the_operators(deployed: tuple[str, dict[str, Any]]) -> None:
    name, manifest = deployed
    assert (manifest["apiVersion"], manifest["kind"]) == ("flink.apache.org/v1beta1", "FlinkDeployment")
    assert manifest["metadata"]["name"] == name.replace("_", "-")
    assert manifest["metadata"]["namespace"] == "fraud"
    spec = manifest["spec"]
    assert set(spec) == SPEC
    assert set(spec["job"]) == JOB
    assert set(spec["jobManager"]) == {"replicas", "resource"}
    assert set(spec["taskManager"]) == {"resource"}
    assert spec["flinkVersion"] == "v2_3"
    assert spec["job"]["upgradeMode"] == "savepoint"
    assert spec["job"]["parallelism"] == (4 if name == "fraud_detection" else 1)
    assert all(type(value) is str for value in spec["flinkConfiguration"].values())


def test_python_starts_the_jobs_program(deployed: tuple[str, dict[str, Any]]) -> None:
    name, manifest = deployed
    arguments = manifest["spec"]["job"]["args"]
    options = dict(zip(arguments[::2], arguments[1::2], strict=True))
    assert options["-pyclientexec"] == manifest["spec"]["flinkConfiguration"]["python.executable"]
    assert options["-py"] == f"/opt/sluice/jobs/{name}/main.py"
    mounts = manifest["spec"]["podTemplate"]["spec"]["containers"][0]["volumeMounts"]
    assert Path(options["--settings"]).parent.as_posix() in [each["mountPath"] for each in mounts]


def test_each_job_has_its_state_on_s3_and_the_clusters_configuration(deployed: tuple[str, dict[str, Any]]) -> None:
    name, manifest = deployed
    configuration = manifest["spec"]["flinkConfiguration"]
    for key in ("execution.checkpointing.dir", "execution.checkpointing.savepoint-dir", "high-availability.storageDir"):
        assert configuration[key].startswith(f"s3://state/flink/{name}/")
    assert configuration["high-availability.type"] == "kubernetes"
    assert configuration["s3.region"] == "eu-central-1"
    assert "s3.endpoint" not in configuration
    for key, value in flink_home.common().items():
        if key != "jobmanager.memory.process.size":
            assert configuration[key].lower() == str(value).lower()
    assert manifest["spec"]["jobManager"]["resource"]["memory"] == "1200m"


def test_the_token_key_is_with_the_gate_alone(deployed: tuple[str, dict[str, Any]]) -> None:
    name, manifest = deployed
    pod = manifest["spec"]["podTemplate"]["spec"]
    volumes = {each["name"] for each in pod["volumes"]}
    mounted = {each["name"] for container in pod["containers"] for each in container["volumeMounts"]}
    assert mounted <= volumes
    assert ("secret" in volumes) == (name == "fraud_detection")
    if name == "fraud_detection":
        (copies,) = pod["initContainers"]
        *_, token_key, vault, folder = copies["command"]
        assert (token_key, vault, folder) == ("/secret/token.key", "/secret/vault.public", str(kubernetes.KEYS_FOLDER))
        assert "secret" not in mounted


def test_keys_of_kms_need_no_secret() -> None:
    settings = with_keys(source="kms", kms_key_id="alias/tokens")
    pod = kubernetes.deployment(settings, named("fraud_detection"))["spec"]["podTemplate"]["spec"]
    assert "initContainers" not in pod
    assert [each["name"] for each in pod["volumes"]] == ["settings"]
    assert "alias/tokens" in kubernetes.settings_map(settings)["data"]["sluice.yaml"]


def test_the_pods_read_the_same_settings(tmp_path: Path) -> None:
    text = kubernetes.settings_map(SETTINGS)["data"]["sluice.yaml"]
    file = tmp_path / "sluice.yaml"
    file.write_text(text, encoding="utf-8")
    read = load(file)
    assert read.fraud_detection.gate.keys.file == Path(kubernetes.KEY_FILE)
    assert read.vault.public_key == Path(kubernetes.VAULT_FILE)
    assert (read.kafka, read.aws) == (SETTINGS.kafka, SETTINGS.aws)
    assert read.fraud_detection.parallelism == 4
    assert "kubernetes" not in text


def test_addresses_of_this_machine_are_refused() -> None:
    with pytest.raises(SluiceError, match=r"kafka\.bootstrap is 127\.0\.0\.1:19092"):
        kubernetes.manifests(Settings())
    with pytest.raises(SluiceError, match=r"aws\.endpoint_url .*set it to null for AWS itself"):
        kubernetes.manifests(Settings(kafka=Kafka(bootstrap="broker:9092")))


def test_the_command_writes_a_file_a_job(tmp_path: Path) -> None:
    out = tmp_path / "out"
    settings = with_keys(file=tmp_path / "token.key")
    vault = Vault(public_key=tmp_path / "vault.public", private_key=tmp_path / "vault.key")
    file = dump(settings.model_copy(update={"vault": vault}), tmp_path / "sluice.yaml")
    words = ["deploy", "kubernetes", "--out", str(out), "--settings", str(file)]
    done = CliRunner().invoke(cli.application(words), words)
    assert done.exit_code == 0, done.output
    assert {file.name for file in out.iterdir()} == {"settings.yaml", *(f"{job.name}.yaml" for job in FLINK_JOBS)}
    for job in FLINK_JOBS:
        written = yaml.safe_load((out / f"{job.name}.yaml").read_text(encoding="utf-8"))
        assert written == kubernetes.deployment(SETTINGS, job)
    assert "kubectl create secret generic sluice-keys" in done.output
    assert all((tmp_path / name).exists() for name in ("token.key", "vault.public", "vault.key"))
