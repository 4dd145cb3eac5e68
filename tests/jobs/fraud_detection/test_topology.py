"""The topology on a local Flink: messages in, one disposition each out; and each step once in the plan."""

from __future__ import annotations

from base64 import b64encode
from pathlib import Path
from typing import Any

import orjson
import pytest
from pyflink.table import StreamTableEnvironment

from jobs.fraud_detection import main
from sluice import streaming_job
from sluice.settings import Kafka, Settings, Topics, Vault
from sluice.upgrades import plan
from tests.udfs.kernel_jar import JAR
from tests.udfs.split import split
from tests.udfs.transactions import CARD, NOW_MS, message
from udfs.decide import DECIDED
from udfs.times import iso_ms

(KAFKA_CONNECTOR,) = JAR.parent.parent.glob("flink/flink-sql-connector-kafka-*.jar")
_COLUMNS = "`value` bytes, source_partition int, source_offset bigint, ingested_at timestamp_ltz(3)"


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    settings = Settings()
    keys = settings.fraud_detection.gate.keys.model_copy(update={"file": tmp_path / "token.key"})
    gate = settings.fraud_detection.gate.model_copy(update={"keys": keys})
    section = settings.fraud_detection.model_copy(update={"gate": gate, "parallelism": 1})
    vault = Vault(public_key=tmp_path / "vault.public", private_key=tmp_path / "vault.key")
    return settings.model_copy(update={"fraud_detection": section, "vault": vault})


@pytest.fixture
def table_env(settings: Settings) -> StreamTableEnvironment:
    created = streaming_job.environment()
    created.get_config().set("pipeline.jars", ";".join(jar.as_uri() for jar in (JAR, KAFKA_CONNECTOR)))
    main.configure(created, settings.fraud_detection)
    main.prepare(settings)
    return created


def _sink(table_env: StreamTableEnvironment) -> None:
    columns = "(topic string, `key` bytes, `value` bytes)"
    table_env.execute_sql(f"create temporary table outputs {columns} with ('connector' = 'blackhole')")


def _messages(table_env: StreamTableEnvironment, values: list[bytes], file: Path) -> None:
    """The source as a file: JSON spells bytes in base64."""
    rows = (
        {
            "value": b64encode(value).decode(),
            "source_partition": 2,
            "source_offset": offset,
            "ingested_at": iso_ms(NOW_MS),
        }
        for offset, value in enumerate(values)
    )
    file.write_bytes(b"\n".join(map(orjson.dumps, rows)))
    table_env.execute_sql(
        f"create temporary table transactions ({_COLUMNS}) with ('connector' = 'filesystem', "
        f"'path' = '{file.as_uri()}', 'format' = 'json', 'json.timestamp-format.standard' = 'ISO-8601')"
    )


def test_each_step_sees_a_record_once(table_env: StreamTableEnvironment, settings: Settings) -> None:
    main.create_tables(table_env, Kafka(), linger_ms=5)
    steps = [each for each in plan.planned(table_env, main.decide(table_env, settings)) if each.uid]
    assert sorted(str(each.uid) for each in steps) == ["decide", "gate", "gate_source", "profiled", "seen"]


def test_each_message_ends_as_it_should(table_env: StreamTableEnvironment, settings: Settings, tmp_path: Path) -> None:
    burst = [message(transaction_id=f"b-{number}", event_time=iso_ms(NOW_MS + number)) for number in range(4)]
    values = [
        message(),
        message(),
        message(amount_minor=99),
        message(transaction_id="big", amount_minor=80_001, customer_id="c-2", card_number="4000000000000002"),
        *burst,
    ]
    _messages(table_env, values, tmp_path / "messages.json")
    _sink(table_env)
    main.decide(table_env, settings)
    with table_env.execute_sql("select decided from decided").collect() as rows:
        decided = [split(bytes(record), DECIDED) for (record,) in rows]
    found = [((each["topic"] or b"").decode(), orjson.loads(each["record"] or b""), each["alert"]) for each in decided]
    records = {name: [record for topic, record, _ in found if topic == name] for name in Topics.model_fields}
    decisions: dict[int, Any] = {each["source_offset"]: each for each in records["decisions"]}
    assert sorted(decisions) == [0, 3, 4, 5, 6, 7]
    assert [each["source_offset"] for each in records["duplicates"]] == [1]
    assert [each["reason"] for each in records["quarantine"]] == ["conflict"]
    assert decisions[3]["outcome"] == "review"
    # Three of the card within 10 s are normal; the good transaction and two of the burst are three.
    assert [decisions[offset]["outcome"] for offset in (0, 4, 5, 6, 7)] == ["approve"] * 3 + ["review"] * 2
    alerts = [orjson.loads(alert) for _, _, alert in found if alert]
    assert sorted(alert["rules"][0] for alert in alerts) == ["card_velocity", "card_velocity", "high_value"]
    assert CARD not in f"{found} {alerts}"
