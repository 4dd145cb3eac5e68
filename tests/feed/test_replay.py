"""Event times move as asked, the pace is kept, and a file that cannot be read is refused."""

from __future__ import annotations

import json
import time
from pathlib import Path

import pytest

from sluice.feed import replay as feed
from sluice.feed.convert import Message
from sluice.feed.errors import FeedError
from sluice.feed.mapping import load
from sluice.feed.source import open_source
from sluice.settings import Topics
from tests.feed.files import replayed, written
from tests.feed.test_mapping import MAPPINGS


class Recorder:
    def __init__(self) -> None:
        self.sent: list[tuple[str, bytes | None, bytes]] = []

    def send(self, topic: str, key: bytes | None, value: bytes, partition: int | None = None) -> None:
        assert partition is None
        self.sent.append((topic, key, value))

    def close(self) -> None:
        """Nothing is under way."""


def test_events_go_among_the_transactions_at_their_times() -> None:
    stream = (Message(b"k", b"v", at) for at in (1_000, 3_000))
    rows = [{"customer_id": "c-1", "event_time": f"1970-01-01T00:00:0{second}Z"} for second in (0, 1)]
    sender = Recorder()
    events = feed.with_events(stream, iter([*rows, {"customer_id": "c-2"}]), 1_500)
    done = feed.replay(events, sender, Topics(customer_events="events"))
    assert [topic for topic, _, _ in sender.sent] == ["transactions", "events", "events", "events", "transactions"]
    assert [json.loads(value).get("event_time") for _, key, value in sender.sent if key != b"k"] == [
        "1970-01-01T00:00:01.500Z",
        "1970-01-01T00:00:02.500Z",
        None,
    ]
    assert (done.sent, done.events, done.last_ms) == (2, 3, 3_000)


@pytest.mark.parametrize("kind", ["parquet", "csv"])
def test_times_move_so_that_the_last_falls_where_asked(tmp_path: Path, kind: str) -> None:
    path, mapping = written(tmp_path / f"table.{kind}"), load(MAPPINGS / "handbook.yaml")
    shift_ms = feed.shift_to(1_000_000_000_000, open_source(path), mapping)
    times = [each.event_ms for each in replayed(path, mapping, shift_ms)]
    assert times == [1_000_000_000_000 - 7_200_000, 1_000_000_000_000, 1_000_000_000_000 - 3_600_000]
    assert json.loads(replayed(path, mapping, shift_ms)[1].value)["event_time"] == "2001-09-09T01:46:40.000Z"


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
    done = feed.replay(iter(stream), sender, Topics(transactions="topic"), 60, lambda _: sent_at.append(clock[0]))
    assert sent_at[:5] == [100.0, 101.0, 101.0, 101.0, 102.0]
    assert (done.sent, done.first_ms, done.last_ms) == (5, 5_000, 125_000)
    assert sender.sent == [("topic", b"k", b"v")] * 5
