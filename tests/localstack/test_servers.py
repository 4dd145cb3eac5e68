"""Each real server does what the jobs rely on."""

from __future__ import annotations

import signal
import time
from pathlib import Path

import pytest
from botocore.exceptions import ClientError
from confluent_kafka import Producer

from bench.proof.house import settings_named
from localstack.errors import ServerError
from localstack.flink_jobs import ENDED
from localstack.stack import Stack
from localstack.waiting import until
from sluice import aws, kafka
from sluice.commands import create

pytestmark = pytest.mark.servers

LONG_AGO_MS = 1_500_000_000_000
JOB = """
import sys
from pyflink.table import EnvironmentSettings, TableEnvironment
assert sys.argv[1] == "--settings", sys.argv
table_env = TableEnvironment.create(EnvironmentSettings.in_streaming_mode())
table_env.get_config().set("pipeline.name", "count")
bounded = "'connector' = 'datagen', 'number-of-rows' = '1000'"
table_env.execute_sql(f"CREATE TEMPORARY TABLE numbers (n BIGINT) WITH ({{bounded}})")
table_env.execute_sql("CREATE TEMPORARY TABLE nowhere (n BIGINT) WITH ('connector' = 'blackhole')")
table_env.execute_sql("INSERT INTO nowhere SELECT n FROM {source}")
"""


def test_kafka_stamps_messages_itself_and_takes_oversized_ones(stack: Stack) -> None:
    bootstrap, topic = stack.settings.kafka.bootstrap, stack.settings.kafka.topics.transactions
    assert len(kafka.end_offsets(bootstrap, topic)) == stack.settings.kafka.partitions
    producer = Producer({"bootstrap.servers": bootstrap, "message.max.bytes": 11_000_000})
    before = time.time_ns() // 1_000_000
    large = b"x" * 10_000_000
    for key, value in ((b"small", b"{}"), (b"large", large)):
        producer.produce(topic, key=key, value=value, timestamp=LONG_AGO_MS)
    assert producer.flush(60) == 0
    found = {record.key: record for record in kafka.read_all(bootstrap, topic)}
    assert found[b"small"].value == b"{}"
    assert found[b"large"].value == large
    assert found[b"small"].timestamp_ms >= before


def test_create_makes_what_is_missing_and_no_more(stack: Stack) -> None:
    settings = settings_named("created", stack.settings)
    topics = set(settings.kafka.topics.model_dump().values())
    assert set(create.missing_topics(settings)) == topics
    assert create.missing_topics(settings) == []
    assert len(kafka.end_offsets(settings.kafka.bootstrap, settings.kafka.topics.alerts)) == settings.kafka.partitions


def test_s3_keeps_objects(stack: Stack) -> None:
    client, bucket = aws.s3(stack.settings.aws), stack.settings.lake.bucket
    client.put_object(Bucket=bucket, Key="test/a=1/object", Body=b"content")
    assert client.get_object(Bucket=bucket, Key="test/a=1/object")["Body"].read() == b"content"


def test_dynamodb_refuses_a_write_whose_condition_fails(stack: Stack) -> None:
    client, table = aws.dynamodb(stack.settings.aws), stack.settings.hot_state.cards_table

    def put(version: str) -> None:
        client.transact_write_items(
            TransactItems=[
                {
                    "Put": {
                        "TableName": table,
                        "Item": {"card_token": {"S": "test"}, "version": {"S": version}},
                        "ConditionExpression": "attribute_not_exists(version) OR version < :v",
                        "ExpressionAttributeValues": {":v": {"S": version}},
                    }
                }
            ]
        )

    put("2")
    with pytest.raises(ClientError) as refused:
        put("1")
    assert refused.value.response["CancellationReasons"][0]["Code"] == "ConditionalCheckFailed"
    item = client.get_item(TableName=table, Key={"card_token": {"S": "test"}})["Item"]
    assert item["version"] == {"S": "2"}


def _job(folder: Path, source: str) -> Path:
    file = folder / "main.py"
    file.write_text(JOB.format(source=source))
    return file


def test_flink_runs_a_submitted_job(stack: Stack, tmp_path: Path) -> None:
    job_id = stack.flink.submit(_job(tmp_path, "numbers"), stack.settings_file)
    assert stack.flink.jobs.wait_for(job_id, ENDED, 120) == "FINISHED"
    assert [job.name for job in stack.flink.jobs.all() if job.id == job_id] == ["count"]


def test_a_job_that_cannot_be_submitted_says_why_in_one_line(stack: Stack, tmp_path: Path) -> None:
    with pytest.raises(ServerError, match="Object 'elsewhere' not found") as refused:
        stack.flink.submit(_job(tmp_path, "elsewhere"), stack.settings_file)
    assert "\n" not in str(refused.value)


def test_a_killed_task_manager_is_missed_and_replaced(stack: Stack) -> None:
    victim = stack.flink.task_manager_names[0]
    assert stack.processes.signal(victim, signal.SIGKILL) >= 1
    assert until(lambda: not stack.flink.is_ready(), 30)
    assert stack.flink.start_missing_task_managers() == [victim]
    assert until(stack.flink.is_ready, 120)
