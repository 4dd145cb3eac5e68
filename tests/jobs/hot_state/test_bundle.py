"""A bundle writes each item once, and quarantines exactly what can't be written, before it returns."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import orjson

from contracts import reader
from tests.jobs.hot_state.samples import TABLES, TOKEN, alert, decision, message
from udfs.contract_json import decoder
from udfs.hot_bundle import HotBundle
from udfs.hot_items import Put
from udfs.quarantine import Source


class Recorder:
    """Stands in for DynamoDB: takes everything but the rows that it is told to refuse."""

    def __init__(self, refused: dict[int, str] | None = None) -> None:
        self.puts: list[Put] = []
        self._refused = refused or {}

    def write(self, puts: Iterable[Put]) -> dict[int, str]:
        self.puts.extend(puts)
        return self._refused

    def of(self, table: str) -> list[Put]:
        return [put for put in self.puts if put.table == table]


def written(messages: list[tuple[bytes | None, Source]], recorder: Recorder) -> list[dict[str, Any] | None]:
    outcomes = HotBundle("decisions", "alerts", TABLES, recorder).write(messages)
    return [None if outcome is None else orjson.loads(outcome) for outcome in outcomes]


def test_a_card_is_written_once_with_its_newest_state() -> None:
    recorder = Recorder()
    offsets = [7, 9, 8]
    messages = [
        message("decisions", decision(transaction_id=f"t-{offset}", source_offset=offset)) for offset in offsets
    ]
    assert written(list(messages), recorder) == [None, None, None]
    assert [put.item["transaction_id"]["S"] for put in recorder.of(TABLES.cards)] == ["t-9"]
    assert len(recorder.of(TABLES.transactions)) == 3


def test_repeats_within_a_bundle_are_written_once() -> None:
    recorder = Recorder()
    assert written([message("decisions", decision()), message("alerts", alert())] * 3, recorder) == [None] * 6
    assert [put.table for put in recorder.puts] == [TABLES.cards, TABLES.transactions, TABLES.alerts]


def test_a_malformed_message_goes_to_quarantine_and_the_others_are_written() -> None:
    recorder = Recorder()
    bad = b'{"card_token": "4111111111111111"}'
    rows = [
        message("decisions", decision()),
        (bad, Source("decisions", 3, 12, 1_767_604_800_000)),
        (None, Source("alerts", 0, 1, 0)),
    ]
    first, second, third = written(list(rows), recorder)
    assert first is None
    assert second is not None
    assert third is not None
    assert set(second) == set(reader.load("quarantine").names())
    assert second["quarantine_id"] == "decisions-3-12-hot_state"
    assert (second["step"], second["reason"], second["field"]) == ("hot_state", "not_writable", "transaction_id")
    assert second["payload"] == '{"card_token": "################"}'
    assert second["ingested_at"] == "2026-01-05T09:20:00.000Z"
    assert third["payload"] == ""
    assert {put.item["card_token"]["S"] for put in recorder.puts} == {TOKEN}


def test_what_dynamodb_refuses_goes_to_quarantine_with_its_ids_and_money() -> None:
    recorder = Recorder(refused={1: "DynamoDB refuses the item for alerts: too large"})
    _, refused = written([message("alerts", alert()), message("alerts", alert(alert_id="a-2"), offset=5)], recorder)
    assert refused is not None
    decoder(reader.load("quarantine"))(orjson.dumps(refused))
    assert refused["message"].startswith("DynamoDB refuses the item for alerts: too large")
    assert (refused["transaction_id"], refused["amount_minor"], refused["currency"]) == ("t-1", 90_000, "USD")
    assert (refused["source_topic"], refused["source_offset"]) == ("alerts", 5)
