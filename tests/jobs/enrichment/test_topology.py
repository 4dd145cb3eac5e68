"""The job's topology on a local Flink: every decision comes out once, with what the oracle says, and state has uids."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Iterable
from pathlib import Path
from random import Random

import orjson
import pytest
from pyflink.table import StreamTableEnvironment

from contracts import reader
from jobs.enrichment import main
from sluice import streaming_job
from sluice.settings import Kafka, Settings
from sluice.upgrades import plan
from tests.jobs.enrichment.samples import decision
from tests.jobs.fraud_patterns.flink import JARS
from tests.oracle import references as oracle
from udfs.contract_json import decoder
from udfs.references import NAMES, Version, message, table
from udfs.times import iso_ms

START_MS = 1_767_225_600_000
HOUR_MS = 3_600_000
COLUMNS = (
    "topic string not null, `partition` int not null, `offset` bigint not null, appended_at timestamp_ltz(3) not null"
)
ANSWERS = {
    "customer_segments": ("c-", ["salary", "student", "business"]),
    "merchant_risks": ("m-", ["low", "medium", "high"]),
    "exchange_rates": ("", ["1.16", "0.5", "3.26"]),
}


@pytest.fixture
def settings() -> Settings:
    section = Settings().enrichment.model_copy(update={"references_first_seconds": 3})
    return Settings().model_copy(update={"enrichment": section})


@pytest.fixture
def table_env(settings: Settings) -> StreamTableEnvironment:
    created = streaming_job.environment()
    main.configure(created, settings.enrichment)
    created.get_config().set("pipeline.jars", JARS)
    created.get_config().set("restart-strategy.type", "none")
    return created


def told(random: Random) -> list[oracle.Told]:
    """Versions in any order of their moments, some told twice, some withdrawn, some ahead of every decision."""
    messages = []
    for _ in range(150):
        name = random.choice(NAMES)
        prefix, answers = ANSWERS[name]
        entity = f"{prefix}{random.randint(0, 4)}" if prefix else random.choice(["EUR", "JPY"])
        since_ms = START_MS + random.randint(0, 50) * HOUR_MS
        answer = random.choice([*answers, None])
        messages.append((name, *message(table(name), Version(entity, since_ms, answer))))
    return messages


def source(
    table_env: StreamTableEnvironment, name: str, rows: Iterable[tuple[str, bytes, bytes | None]], file: Path
) -> None:
    """Messages (topic, key, value) as a file: JSON spells bytes in base64."""
    lines = (
        {
            "topic": topic,
            "partition": 0,
            "offset": offset,
            "appended_at": iso_ms(START_MS),
            "key": b64encode(key).decode(),
            "value": None if value is None else b64encode(value).decode(),
        }
        for offset, (topic, key, value) in enumerate(rows)
    )
    file.write_bytes(b"\n".join(map(orjson.dumps, lines)))
    table_env.execute_sql(
        f"create temporary table {name} ({COLUMNS}, `key` bytes, `value` bytes) with ('connector' = 'filesystem', "
        f"'path' = '{file.as_uri()}', 'format' = 'json', 'json.timestamp-format.standard' = 'ISO-8601')"
    )


def test_decisions_are_enriched_as_the_oracle_says(
    table_env: StreamTableEnvironment, settings: Settings, tmp_path: Path
) -> None:
    random = Random(11)
    decisions = [decision(number, START_MS + random.randint(0, 40 * HOUR_MS), random) for number in range(300)]
    messages = told(random)
    broken = [("merchant_risks", b"m-1", b"{}"), ("exchange_rates", messages[0][1], b"no")]
    written = [
        ("decisions", each["card_token"].encode(), orjson.dumps(each)) for each in (*decisions, *decisions[200:])
    ]
    source(table_env, "decisions", written, tmp_path / "decisions")
    source(table_env, "`references`", [*messages[:70], *broken, *messages[70:]], tmp_path / "references")
    table_env.execute_sql(
        "create temporary table outputs (topic string, `key` bytes, `value` bytes) with ('connector' = 'blackhole')"
    )
    main.enrich(table_env, settings)
    with table_env.execute_sql("select topic, `key`, `value` from outgoing").collect() as rows:
        found = [(topic, key and bytes(key), bytes(value)) for topic, key, value in rows]

    refused = [orjson.loads(value) for topic, _, value in found if topic == "quarantine"]
    assert {(each["source_topic"], each["source_offset"], each["reason"]) for each in refused} == {
        ("merchant_risks", 70, "missing_field"),
        ("exchange_rates", 71, "not_json"),
    }
    enriched = [value for topic, _, value in found if topic == "enriched_decisions"]
    assert len(enriched) == len(decisions)
    known = oracle.versions(messages)
    read = decoder(reader.load("enriched_decisions"))
    for value in enriched:
        read(value)
        row = orjson.loads(value)
        assert row.pop("enriched_at")
        before = decisions[row["source_offset"]]
        assert row == before | oracle.enrichment(before, known)
    assert {key for topic, key, _ in found if topic == "enriched_decisions"} == {b"k_0", b"k_1", b"k_2", b"k_3"}
    assert {len(orjson.loads(each)["defaulted"]) for each in enriched} == {0, 1, 2, 3}


def test_each_state_has_a_uid(table_env: StreamTableEnvironment, settings: Settings) -> None:
    main.create_tables(table_env, Kafka())
    found = plan.planned(table_env, main.enrich(table_env, settings))
    states = sorted(str(each.uid) for each in found if each.remembers)
    assert states == sorted(["known", "opened_source", "referenced_source", *NAMES])
