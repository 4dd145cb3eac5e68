"""Files of each kind become the same messages; nothing is changed that the mapping does not ask for."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from sluice.feed.generate import Traffic
from sluice.feed.mapping import load
from tests.feed.files import NOON, mapped, replayed, written
from tests.feed.test_mapping import MAPPINGS


@pytest.mark.parametrize("kind", ["parquet", "csv", "jsonl"])
def test_each_kind_of_file_gives_the_same(tmp_path: Path, kind: str) -> None:
    found = replayed(written(tmp_path / f"table.{kind}"), load(MAPPINGS / "handbook.yaml"))
    bodies: list[dict[str, Any]] = [json.loads(each.value) for each in found]
    assert [each.key for each in found] == [b"c-1", b"c-2", b"c-1"]
    assert [body["event_time"] for body in bodies] == [f"2026-01-05T{hour}:00:00.000Z" for hour in (12, 14, 13)]
    assert [body["amount_minor"] for body in bodies] == [100, 250, 80_001]
    assert [body["transaction_id"] for body in bodies] == ["h-7", "h-8", "h-9"]
    assert bodies[0]["card_number"] == bodies[2]["card_number"] != bodies[1]["card_number"]
    assert bodies[0]["merchant_category"] == bodies[2]["merchant_category"]
    assert "device_id" not in bodies[0]


@pytest.mark.parametrize("kind", ["parquet", "csv", "jsonl"])
def test_an_optional_column_may_be_absent(tmp_path: Path, kind: str) -> None:
    mapping = mapped(tmp_path, entry_mode={"column": "mode", "optional": True})
    found = replayed(written(tmp_path / f"table.{kind}"), mapping)
    assert len(found) == 3
    assert not [each for each in found if b"entry_mode" in each.value]


def test_an_optional_value_may_be_absent(tmp_path: Path) -> None:
    table = written(tmp_path / "table.jsonl")
    table.write_text(table.read_text(encoding="utf-8").replace("{", '{"mode": "chip", ', 1), encoding="utf-8")
    found = replayed(table, mapped(tmp_path, entry_mode={"column": "mode", "optional": True}))
    assert [json.loads(each.value).get("entry_mode", ...) for each in found] == ["chip", ..., ...]


def test_generated_traffic_comes_out_as_it_went_in(tmp_path: Path) -> None:
    traffic = list(Traffic(500, cards=50, seed=4, start=NOON))
    path = tmp_path / "traffic.jsonl"
    path.write_bytes(b"\n".join(each.value for each in traffic))
    found = replayed(path, load(MAPPINGS / "transactions.yaml"))
    assert [(each.key, each.value) for each in found] == [(each.key, each.value) for each in traffic]
    assert len(replayed(path, load(MAPPINGS / "transactions.yaml"), limit=7)) == 7


@pytest.mark.parametrize(
    ("amount", "currency", "expected"),
    [
        ("12.50", "USD", 1250),
        ("0.1", "EUR", 10),
        ("980", "JPY", 980),
        ("1.234", "KWD", 1234),
        ("1.5", "JPY", 1.5),
        ("twelve", "USD", "twelve"),
        ("3", "XXX", 300),
    ],
)
def test_major_units_are_exact(tmp_path: Path, amount: str, currency: str, expected: object) -> None:
    path = tmp_path / "table.csv"
    path.write_text(
        "transaction_id,event_time,customer_id,terminal_id,amount,currency\n"
        f"1,2026-01-05 12:00:00,1,2,{amount},{currency}\n",
        encoding="utf-8",
    )
    mapping = mapped(tmp_path, amount_minor={"column": "amount", "unit": "major"}, currency={"column": "currency"})
    body = json.loads(replayed(path, mapping)[0].value)
    assert body["amount_minor"] == expected
    assert body["event_time"] == "2026-01-05T12:00:00.000Z"


def test_unreadable_values_are_passed_on_and_missing_ones_are_null(tmp_path: Path) -> None:
    path = tmp_path / "table.csv"
    text = "transaction_id,event_time,customer_id,terminal_id,amount_cents\n007,soon,,0042,1.5\n"
    path.write_text(text, encoding="utf-8")
    message = replayed(path, mapped(tmp_path, terminal_id={"column": "terminal_id"}))[0]
    body = json.loads(message.value)
    assert (message.event_ms, body["event_time"], body["amount_minor"]) == (None, "soon", "1.5")
    assert (body["transaction_id"], body["terminal_id"]) == ("h-007", "0042")
    assert (body["customer_id"], body["card_number"]) == (None, None)


def test_seconds_since_1970(tmp_path: Path) -> None:
    path = tmp_path / "table.jsonl"
    row = {"transaction_id": 1, "at": 1_767_614_400.25, "customer_id": 1, "terminal_id": 2, "amount_cents": 5}
    path.write_text(json.dumps(row), encoding="utf-8")
    mapping = mapped(tmp_path, event_time={"column": "at", "unit": "seconds"})
    assert json.loads(replayed(path, mapping)[0].value)["event_time"] == "2026-01-05T12:00:00.250Z"
