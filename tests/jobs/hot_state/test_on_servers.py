"""The job on real servers: conditional writes, and a DynamoDB that is away for a while."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import orjson
import pytest

from contracts import reader
from localstack.stack import Stack
from localstack.waiting import until
from sluice import aws, kafka
from sluice.settings import Settings
from tests.jobs.hot_state.samples import TABLES, TOKEN, alert, decision
from udfs.contract_json import decoder
from udfs.dynamodb_writer import DynamoWriter
from udfs.hot_items import decision_puts

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

pytestmark = pytest.mark.servers
CARDS = 150
PATIENCE_S = 240.0


def _count(client: DynamoDBClient, table: str) -> int:
    pages = client.get_paginator("scan").paginate(TableName=table, Select="COUNT")
    return sum(page["Count"] for page in pages)


def _send(settings: Settings, first: int) -> None:
    """A decision for each of CARDS cards, and two messages that can't be written."""
    sender = kafka.BulkSender(settings.kafka.bootstrap)
    topics = settings.kafka.topics
    for number in range(first, first + CARDS):
        fields = decision(card_token=f"k1_{number:064x}", transaction_id=f"t-{number}", source_offset=number)
        sender.send(topics.decisions, None, orjson.dumps(fields))
    sender.send(topics.decisions, None, b'{"card_token": "4111111111111111"}')
    sender.send(topics.alerts, None, orjson.dumps(alert(alert_id=f"large-{first}", text="x" * 410_000)))
    sender.send(topics.alerts, None, orjson.dumps(alert(alert_id=f"a-{first}")))
    sender.close()


def _wait_for(client: DynamoDBClient, cards: int) -> None:
    assert until(lambda: _count(client, TABLES.cards) >= cards, PATIENCE_S, pause=1)
    assert until(lambda: _count(client, TABLES.alerts) >= 1, PATIENCE_S, pause=1)


def _quarantined(settings: Settings) -> list[str]:
    records = kafka.read_all(settings.kafka.bootstrap, settings.kafka.topics.quarantine)
    steps = [orjson.loads(record.value) for record in records]
    return sorted({each["quarantine_id"] for each in steps if each["step"] == "hot_state"})


def test_older_states_never_overwrite_newer_ones(stack: Stack) -> None:
    client = aws.dynamodb(stack.settings.aws)
    writer = DynamoWriter(client, 2)

    def write(offset: int, merchant: str) -> None:
        fields = decoder(reader.load("decisions"))(orjson.dumps(decision(source_offset=offset, merchant_id=merchant)))
        card, _ = decision_puts(fields, TABLES, row=0)
        assert writer.write([card]) == {}

    for offset, merchant in ((2, "first"), (1, "stale"), (3, "newest"), (3, "repeat")):
        write(offset, merchant)
    writer.close()
    item = client.get_item(TableName=TABLES.cards, Key={"card_token": {"S": TOKEN}})["Item"]
    assert item["merchant_id"] == {"S": "newest"}
    client.delete_item(TableName=TABLES.cards, Key={"card_token": {"S": TOKEN}})


def test_the_job_outlives_an_absence_of_dynamodb_and_loses_nothing(stack: Stack) -> None:
    settings, jobs = stack.settings, stack.flink.jobs
    client = aws.dynamodb(settings.aws)
    job = stack.flink.submit(Path("jobs/hot_state/main.py"), stack.settings_file)
    try:
        jobs.wait_running(job, PATIENCE_S)
        _send(settings, 0)
        _wait_for(client, CARDS)
        stack.stop([stack.localstack])
        _send(settings, CARDS)
        stack.start([stack.localstack])
        _wait_for(client, CARDS)
        assert jobs.state(job) == "RUNNING"
        assert jobs.get(f"/jobs/{job}/checkpoints")["counts"]["restored"] == 0
        assert until(lambda: len(_quarantined(settings)) >= 4, PATIENCE_S, pause=1)
    finally:
        jobs.cancel(job)
