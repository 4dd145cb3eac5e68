"""`sluice doctor` on this machine, and what `sluice submit` refuses before anything is submitted."""

from __future__ import annotations

import socket
import struct
import sys
from pathlib import Path

import pytest
from typer.testing import CliRunner

from localstack.ports import on_free_ports
from sluice import cli
from sluice.doctor import examination, machine
from sluice.errors import SluiceError
from sluice.flink_jobs import FLINK_JOBS, named
from sluice.settings import Settings, dump


def settings_in(folder: Path, **changes: object) -> Settings:
    return on_free_ports(Settings(), folder).model_copy(update=changes)


def examined(settings: Settings, folder: Path, *options: str) -> tuple[int, str]:
    words = ["doctor", *options, "--settings", str(dump(settings, folder / "sluice.yaml"))]
    done = CliRunner().invoke(cli.application(words), words, env={"COLUMNS": "400"})
    return done.exit_code, done.output


def test_this_machine_is_fit_and_a_port_in_use_is_not(tmp_path: Path) -> None:
    settings = settings_in(tmp_path)
    with socket.create_server(("127.0.0.1", settings.local.kafka_port)):
        code, output = examined(settings, tmp_path)
    assert code == 1
    assert "✗ ports of Kafka" in output
    assert "choose another local.kafka_port in sluice.yaml" in output
    for name in (
        "Python",
        "JDK",
        "Flink ",
        "ports of Flink",
        "Kafka connector",
        "jars",
        "architecture",
        "slots",
        "rules",
        "patterns",
    ):
        assert f"✓ {name}" in output, output


def test_quiet_shows_troubles_alone(tmp_path: Path) -> None:
    settings = settings_in(tmp_path)
    key = settings.fraud_detection.gate.keys.file
    key.parent.mkdir(parents=True)
    key.write_text("{}")
    key.chmod(0o644)
    code, output = examined(settings, tmp_path, "--quiet")
    assert code == 1
    assert f"run: chmod 600 {key}" in output
    assert "✓" not in output


def test_nothing_is_submitted_with_wrong_rules_or_too_few_slots(tmp_path: Path) -> None:
    settings = settings_in(tmp_path)
    examination.before_submission(settings, FLINK_JOBS)
    rules = tmp_path / "rules.yaml"
    rules.write_text("- version: 1")
    wrong = settings.model_copy(
        update={
            "local": settings.local.model_copy(update={"slots": 1}),
            "fraud_detection": settings.fraud_detection.model_copy(update={"rules": rules}),
        }
    )
    with pytest.raises(SluiceError) as refused:
        examination.before_submission(wrong, FLINK_JOBS)
    assert "slots: fraud_detection 2 + " in str(refused.value)
    assert f"rules: {rules}" in str(refused.value)
    examination.before_submission(wrong, [named("lake")])


def test_pins_are_read_with_their_properties() -> None:
    pins = machine.pins()
    assert "flink-s3-fs-native-2.3.0" in pins["s3"]
    assert not [pin for each in pins.values() for pin in each if "$" in pin]
    assert machine.connector_version() == "5.0.0-2.2"


def test_a_librarys_processor_stands_in_its_header(tmp_path: Path) -> None:
    headers = {
        b"\x7fELF" + b"\0" * 14 + struct.pack("<H", 0xB7): "aarch64",
        b"\x7fELF" + b"\0" * 14 + struct.pack("<H", 0x3E): "x86_64",
        b"\x7fELF" + b"\0" * 14 + struct.pack("<H", 0xF3): "ELF machine 243",
        struct.pack("<IIIII", 0xFEEDFACF, 0x0100000C, 0, 0, 0): "aarch64",
        b"neither of these, by far": "?",
    }
    for number, (head, expected) in enumerate(headers.items()):
        file = tmp_path / str(number)
        file.write_bytes(head)
        assert machine.built_for(file) == expected
    assert machine.python().endswith(sys.prefix)
