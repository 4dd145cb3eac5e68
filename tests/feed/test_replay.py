"""Files of each kind become the same messages; nothing is changed that the mapping does not ask for."""

from __future__ import annotations

import json
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.csv
import pyarrow.parquet
import pytest
import yaml

from sluice.feed import replay as feed
from sluice.feed.convert import Message
from sluice.feed.errors import FeedError
from sluice.feed.generate import Traffic
from sluice.feed.mapping import Mapping, load
from sluice.feed.source import open_source
from tests.feed.test_mapping import MAPPINGS

NOON = datetime(2026, 1, 5, 12, tzinfo=UTC)
TABLE = pa.table(
    {
        "transaction_id": [7, 8, 9],
        "event_time": pa.array([NOON, NOON.replace(hour=14), NOON.replace(hour=13)], pa.timestamp("ms", "UTC")),
        "customer_id": [1, 2, 1],
        "terminal_id": [30, 31, 30],
        "amount_cents": [100, 250, 80_001],
    }
)


class Recorder:
    def __init__(self) -> None:
        self.sent: list[tuple[str, bytes | None, bytes]] = []

    def send(self, topic: str, key: bytes | None, value: bytes, partition: int | None = None) -> None:
        assert partition is None
        self.sent.append((topic, key, value))

    def close(self) -> None:
        """Nothing is under way."""


def written(path: Path) -> Path:
    if path.suffix == ".parquet":
        pyarrow.parquet.write_table(TABLE, path, row_group_size=2)
    elif path.suffix == ".csv":
        pyarrow.csv.write_csv(TABLE, path)
    else:
        rows = [{**row, "event_time": row["event_time"].isoformat()} for row in TABLE.to_pylist()]
        path.write_text("\n".join(map(json.dumps, rows)), encoding="utf-8")
    return path


def replayed(path: Path, mapping: Mapping, shift_ms: int = 0, limit: int | None = None) -> list[Message]:
    source = open_source(path)
    mapping.check(path, source.columns)
    return list(feed.messages(source, mapping, shift_ms, limit))


def mapped(folder: Path, **fields: object) -> Mapping:
    path = folder / "mapping.yaml"
    handbook = yaml.safe_load((MAPPINGS / "handbook.yaml").read_text(encoding="utf-8"))
    path.write_text(yaml.safe_dump({**handbook, **fields}), encoding="utf-8")
    return load(path)


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


@pytest.mark.parametrize("kind", ["parquet", "csv"])
def test_times_move_so_that_the_last_falls_where_asked(tmp_path: Path, kind: str) -> None:
    path, mapping = written(tmp_path / f"table.{kind}"), load(MAPPINGS / "handbook.yaml")
    shift_ms = feed.shift_to(1_000_000_000_000, open_source(path), mapping)
    times = [each.event_ms for each in replayed(path, mapping, shift_ms)]
    assert times == [1_000_000_000_000 - 7_200_000, 1_000_000_000_000, 1_000_000_000_000 - 3_600_000]
    assert json.loads(replayed(path, mapping, shift_ms)[1].value)["event_time"] == "2001-09-09T01:46:40.000Z"


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


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("a.xml", b"<a/>", r"must end in one of \.parquet, \.csv, \.jsonl"),
        ("a.parquet", b"no", "no readable parquet file"),
        ("a.csv", b"", "no readable csv file"),
        ("a.jsonl", b'{"a":1}\n[2]\n', "line 2 of .* is no JSON object"),
    ],
)
def test_broken_file(tmp_path: Path, name: str, content: bytes, message: str) -> None:
    (tmp_path / name).write_bytes(content)
    with pytest.raises(FeedError, match=message):
        open_source(tmp_path / name)
    with pytest.raises(FeedError, match="cannot be read"):
        open_source(tmp_path / "absent.csv")


def test_end_at_without_any_time_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "table.csv"
    path.write_text("event_time\nsoon\n", encoding="utf-8")
    with pytest.raises(FeedError, match="no readable time in the column 'event_time'"):
        feed.shift_to(0, open_source(path), load(MAPPINGS / "handbook.yaml"))


def test_pace_waits_for_event_time(monkeypatch: pytest.MonkeyPatch) -> None:
    clock = [100.0]
    monkeypatch.setattr(time, "monotonic", lambda: clock[0])
    monkeypatch.setattr(time, "sleep", lambda seconds: clock.__setitem__(0, clock[0] + seconds))
    sent_at: list[float] = []
    stream = [Message(b"k", b"v", at) for at in (5_000, 65_000, None, 35_000, 125_000)]
    sender = Recorder()
    done = feed.replay(iter(stream), sender, "topic", 60, lambda _: sent_at.append(clock[0]))
    assert sent_at[:5] == [100.0, 101.0, 101.0, 101.0, 102.0]
    assert (done.sent, done.first_ms, done.last_ms) == (5, 5_000, 125_000)
    assert sender.sent == [("topic", b"k", b"v")] * 5
