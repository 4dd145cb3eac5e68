"""Settings go through AWS's property groups and come out the same."""

from __future__ import annotations

import json
from pathlib import Path
from types import SimpleNamespace

import botocore.session
import pytest
from botocore.validate import ParamValidator
from hypothesis import given
from hypothesis import strategies as st
from typer.testing import CliRunner

from sluice import cli, kafka, property_groups, streaming_job
from sluice.deployment import managed_flink
from sluice.errors import SluiceError
from sluice.flink_jobs import FLINK_JOBS, named
from sluice.settings import PROJECT_ROOT, FraudDetection, Gate, Keys, Settings, SettingsError, dump, load
from tests.deployment.test_kubernetes import SETTINGS

NAMES = st.from_regex(r"[a-z_]{1,12}", fullmatch=True)
LEAVES = st.none() | st.text(min_size=1).filter(lambda text: text != "null")
SECTIONS = st.dictionaries(NAMES, LEAVES, min_size=1, max_size=3)


@given(st.dictionaries(NAMES, LEAVES | SECTIONS | st.dictionaries(NAMES, SECTIONS, min_size=1, max_size=2), max_size=4))
def test_nested_values_come_back(values: dict[str, object]) -> None:
    assert property_groups.nested(property_groups.flat(values)) == values


@pytest.mark.parametrize("names", [("kafka", "kafka.bootstrap"), ("kafka.bootstrap", "kafka")])
def test_a_name_is_a_section_or_a_value(names: tuple[str, str]) -> None:
    with pytest.raises(ValueError, match="kafka"):
        property_groups.nested(dict.fromkeys(names, "1"))


def test_a_job_reads_what_was_written(tmp_path: Path) -> None:
    gate = Gate(max_age_days=None, most_bad_percent=12.5, keys=Keys(file=Path("keys/other.key")))
    settings = SETTINGS.model_copy(update={"fraud_detection": FraudDetection(parallelism=3, gate=gate)})
    file = tmp_path / "application_properties.json"
    file.write_text(json.dumps(managed_flink.groups(settings, named("lake"))), encoding="utf-8")
    assert load(file) == settings.model_copy(update={"kubernetes": Settings().kubernetes})


def test_on_aws_the_services_own_file_is_read_from_the_packages_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "application_properties.json"
    file.write_text(json.dumps(managed_flink.groups(SETTINGS, named("lake"))), encoding="utf-8")
    monkeypatch.setattr(property_groups, "RUNTIME_FILE", file)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("sys.argv", ["main.py"])
    seen: list[object] = []

    class Statements:
        def execute(self) -> None:
            seen.append(Path.cwd())

    def build(_: object, settings: Settings) -> Statements:
        seen.append(settings.kafka)
        return Statements()

    environment = SimpleNamespace(get_config=lambda: SimpleNamespace(get=lambda *_: "a savepoint"))
    monkeypatch.setattr(streaming_job, "environment", lambda: environment)
    monkeypatch.setattr(kafka, "positions", lambda *_: {0: 7})
    streaming_job.run(named("lake"), build)
    assert seen == [SETTINGS.kafka, PROJECT_ROOT]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("{", "holds no property groups"),
        ('{"PropertyGroupId": "sluice"}', "must be a list of objects"),
        ('[{"PropertyGroupId": "sluice", "PropertyMap": {"kafka.partitions": "many"}}]', "kafka.partitions"),
        ('[{"PropertyGroupId": "sluice", "PropertyMap": {"kafka.broker": "x"}}]', "kafka.broker"),
        ('[{"PropertyGroupId": "sluice", "PropertyMap": {"kafka": "x", "kafka.bootstrap": "y:1"}}]', "a value of its"),
    ],
)
def test_wrong_groups_are_refused_by_name(tmp_path: Path, text: str, words: str) -> None:
    file = tmp_path / "application_properties.json"
    file.write_text(text, encoding="utf-8")
    with pytest.raises(SettingsError, match=words):
        load(file)


def test_aws_takes_the_groups_as_they_are_written(tmp_path: Path) -> None:
    out = tmp_path / "out"
    words = ["deploy", "managed-flink", "--out", str(out), "--settings", str(dump(SETTINGS, tmp_path / "sluice.yaml"))]
    done = CliRunner().invoke(cli.application(words), words)
    assert done.exit_code == 0, done.output
    model = botocore.session.get_session().get_service_model("kinesisanalyticsv2")
    shape = model.operation_model("CreateApplication").input_shape
    assert shape is not None
    for job in FLINK_JOBS:
        groups = json.loads((out / job.name / "application_properties.json").read_text(encoding="utf-8"))
        assert (PROJECT_ROOT / groups[0]["PropertyMap"]["python"]).exists()
        request = {
            "ApplicationName": "sluice",
            "RuntimeEnvironment": "FLINK-2_3",
            "ServiceExecutionRole": "arn:aws:iam::000000000000:role/sluice",
            "ApplicationConfiguration": {"EnvironmentProperties": {"PropertyGroups": groups}},
        }
        report = ParamValidator().validate(request, shape)
        assert not report.has_errors(), report.generate_report()


def test_addresses_of_this_machine_are_refused() -> None:
    with pytest.raises(SluiceError, match=r"kafka\.bootstrap is 127\.0\.0\.1"):
        managed_flink.groups(Settings(), named("lake"))
