"""The two verbs as a person calls them."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import typer
from typer.testing import CliRunner, Result

from sluice.commands import generate as generate_module
from sluice.commands import replay as replay_module
from sluice.feed.errors import FeedError
from tests.feed.files import written
from tests.feed.test_mapping import MAPPINGS
from tests.feed.test_replay import Recorder

HANDBOOK = ("--mapping", MAPPINGS / "handbook.yaml")


def run(verb: object, *arguments: object) -> Result:
    app = typer.Typer()
    app.command()(verb)  # type: ignore[type-var]
    return CliRunner().invoke(app, [str(each) for each in arguments])


def test_generate_writes_traffic_and_labels(tmp_path: Path) -> None:
    out = tmp_path / "new" / "traffic.jsonl"
    done = run(generate_module.generate, "--out", out, "--transactions", 300, "--cards", 100, "--fraud-rate", 0.1)
    bodies = [json.loads(line) for line in out.read_bytes().splitlines()]
    labels = [json.loads(line) for line in generate_module.labels_beside(out).read_bytes().splitlines()]
    assert [each["transaction_id"] for each in labels] == [each["transaction_id"] for each in bodies]
    assert sum(each["is_fraud"] for each in labels) == 30
    assert done.stdout.startswith("wrote 300 transactions, 30 of them fraud in ")
    assert len(bodies) == 300
    events = [json.loads(line) for line in generate_module.events_beside(out).read_bytes().splitlines()]
    assert done.stdout.endswith(f"; {len(events)} customer events to {generate_module.events_beside(out)}\n")
    assert {"device_added", "profile_changed"} <= {each["kind"] for each in events}


@pytest.mark.parametrize(
    ("option", "value", "message"),
    [
        ("--start", "2026-01-05T08:00:00", "--start .* has no time zone"),
        ("--start", "noon", "--start 'noon' is no instant"),
        ("--duration", "10", "--duration '10' is no duration"),
        ("--out", "traffic.csv", r"must end in \.jsonl"),
    ],
)
def test_generate_names_the_wrong_option(tmp_path: Path, option: str, value: str, message: str) -> None:
    done = run(generate_module.generate, "--out", tmp_path / "a.jsonl", option, value)
    assert isinstance(done.exception, FeedError)
    with pytest.raises(FeedError, match=message):
        raise done.exception


def test_replay_sends_and_sums_up(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    sender = Recorder()
    monkeypatch.setattr(replay_module, "BulkSender", lambda _: sender)
    monkeypatch.setattr(replay_module, "_require_topic", lambda *_: None)
    arguments = (written(tmp_path / "table.csv"), *HANDBOOK)
    done = run(replay_module.replay, *arguments, "--limit", 2, "--end-at", "2026-02-01T00:00:00Z")
    assert [(topic, key) for topic, key, _ in sender.sent] == [("transactions", b"c-1"), ("transactions", b"c-2")]
    assert done.stdout.startswith("sent 2 transactions to transactions in ")
    assert done.stdout.endswith("event times 2026-01-31T22:00:00.000Z to 2026-02-01T00:00:00.000Z\n")


def test_replay_checks_everything_before_it_asks_for_kafka(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(replay_module, "_require_topic", lambda *_: pytest.fail("Kafka was asked"))
    path = written(tmp_path / "table.csv")
    for arguments, message in (
        ((path,), "has no column 'card_number'"),
        ((path, "--speed", "fast"), "is no speed"),
        ((tmp_path / "absent.csv",), "cannot be read"),
        ((path, "--mapping", tmp_path / "absent.yaml"), "cannot be read"),
        ((path, *HANDBOOK, "--customer-events", path), "must end in .jsonl"),
        ((path, *HANDBOOK, "--customer-events", tmp_path / "absent.jsonl"), "cannot be read"),
    ):
        done = run(replay_module.replay, *arguments)
        assert isinstance(done.exception, FeedError)
        assert message in str(done.exception)


def test_replay_without_kafka_says_how_to_start_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(replay_module, "ANSWER_S", 0.5)
    with pytest.raises(FeedError, match=r"no Kafka answers at 127\.0\.0\.1:1; start it with `sluice up`"):
        replay_module._require_topic("127.0.0.1:1", "transactions")
