"""What is written for the servers before they start."""

from __future__ import annotations

import socket
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from localstack import resources
from localstack.dynamodb_local import manifest_for
from localstack.errors import ServerError
from localstack.flink_home import FlinkHome, flattened
from localstack.jars import fingerprint
from localstack.kafka import MAX_MESSAGE_BYTES, server_properties
from localstack.ports import check_addresses, check_port, free_port, on_free_ports
from sluice.settings import Settings


@given(st.lists(st.from_regex(r"[a-z0-9._-]{1,100}\.jar", fullmatch=True), max_size=40))
def test_a_manifest_keeps_every_name_in_lines_of_72_bytes(jars: list[str]) -> None:
    lines = manifest_for(jars).decode("ascii").split("\r\n")
    assert all(len(line) <= 70 for line in lines)
    unfolded = "\r\n".join(lines).replace("\r\n ", "")
    listed = next(line for line in unfolded.split("\r\n") if line.startswith("Class-Path: "))
    assert listed.split()[1:] == [f"DynamoDBLocal_lib/{jar}" for jar in jars]


def test_nested_keys_are_joined_with_dots() -> None:
    tree: dict[str, Any] = {"a": {"b": {"c": 1}}, "d.e": 2}
    assert flattened(tree) == {"a.b.c": 1, "d.e": 2}


def test_flinks_configuration_follows_the_settings(tmp_path: Path) -> None:
    settings = on_free_ports(Settings(), tmp_path)
    configuration = FlinkHome(settings).configuration()
    assert configuration["rest.port"] == settings.local.flink_port
    assert configuration["s3.endpoint"] == settings.aws.endpoint_url
    assert configuration["taskmanager.memory.process.size"] == settings.local.task_manager_memory
    assert configuration["execution.checkpointing.dir"] == (tmp_path / "flink/checkpoints").as_uri()
    assert configuration["execution.checkpointing.num-retained"] == 3
    # From the configuration that Flink ships, without which its JVMs do not start.
    assert "--add-opens" in configuration["env.java.opts.all"]


def test_the_broker_takes_what_the_gate_refuses() -> None:
    settings = Settings()
    assert int(server_properties(settings)["message.max.bytes"]) == MAX_MESSAGE_BYTES
    assert settings.fraud_detection.gate.max_message_bytes < 10_000_000 < MAX_MESSAGE_BYTES


def test_tables_are_keyed_as_the_jobs_write_them() -> None:
    cards, transactions, alerts = resources.tables(Settings())
    assert cards.definition()["KeySchema"] == [{"AttributeName": "card_token", "KeyType": "HASH"}]
    assert [each["AttributeName"] for each in transactions.definition()["KeySchema"]] == ["card_token", "event_key"]
    assert [cards.expires, transactions.expires, alerts.expires] == [False, True, True]
    assert "GlobalSecondaryIndexes" not in cards.definition()
    declared = {each["AttributeName"] for each in alerts.definition()["AttributeDefinitions"]}
    assert declared == {"alert_id", "severity", "event_time"}


def test_free_ports_differ_and_keep_all_state_in_one_folder(tmp_path: Path) -> None:
    settings = on_free_ports(Settings(), tmp_path)
    local = settings.local
    ports = {local.kafka_port, local.kafka_controller_port, local.localstack_port, local.flink_port}
    assert len(ports) == 4
    check_addresses(settings)
    keys = (settings.fraud_detection.gate.keys.file, settings.vault.public_key, settings.vault.private_key)
    for path in (local.home, settings.warehouse.database, *keys):
        assert path.is_relative_to(tmp_path)


def test_a_port_in_use_is_reported_with_its_setting_and_user() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        with pytest.raises(ServerError, match=rf"port {port} is in use by process \d+ .*another local\.kafka_port"):
            check_port("local.kafka_port", port)
    check_port("local.kafka_port", free_port())


def test_addresses_that_do_not_belong_together_are_refused() -> None:
    local = Settings().local.model_copy(update={"kafka_port": 29092})
    with pytest.raises(ServerError, match=r"kafka\.bootstrap is 127\.0\.0\.1:19092, but by local\.kafka_port"):
        check_addresses(Settings().model_copy(update={"local": local}))


def test_a_fingerprint_depends_on_names_and_contents_only(tmp_path: Path) -> None:
    one, two = tmp_path / "one.java", tmp_path / "two.java"
    one.write_text("a")
    two.write_text("b")
    before = fingerprint([one, two], tmp_path)
    assert fingerprint([two, one], tmp_path) == before
    two.write_text("c")
    assert fingerprint([one, two], tmp_path) != before


def test_only_with_a_port_of_zookeeper_the_jobmanager_comes_back(tmp_path: Path) -> None:
    settings = on_free_ports(Settings(), tmp_path)
    assert "high-availability.type" not in FlinkHome(settings).configuration()
    local = settings.local.model_copy(update={"zookeeper_port": 2181})
    configuration = FlinkHome(settings.model_copy(update={"local": local})).configuration()
    assert configuration["high-availability.type"] == "zookeeper"
    assert configuration["high-availability.zookeeper.quorum"] == "127.0.0.1:2181"
    assert configuration["high-availability.storageDir"] == (tmp_path / "flink/recovery").as_uri()


def test_what_another_flink_has_left_in_the_environment_stays_behind(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    for name in ("FLINK_ENV_JAVA_OPTS", "FLINK_HOME", "PYTHON_LOOPBACK_SERVER_ADDRESS", "PYFLINK_GATEWAY_DISABLED"):
        monkeypatch.setenv(name, "another's")
    monkeypatch.setenv("JAVA_HOME", "/kept")
    environment = FlinkHome(on_free_ports(Settings(), tmp_path)).environment()
    assert "another's" not in environment.values()
    assert environment["JAVA_HOME"] == "/kept"
