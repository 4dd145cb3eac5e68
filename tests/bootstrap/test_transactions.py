"""What is sent: each transaction's facts to its own partition, in the order in which it was read."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import numpy as np
import pytest

from jobs.warehouse_load import lake_files
from sluice import kafka
from sluice.bootstrap import transactions
from sluice.errors import SluiceError
from sluice.keys import vault
from sluice.settings import Settings
from tests.bootstrap.test_reading import Told
from tests.jobs.warehouse_load.lake_maker import NOON, Row, decision, write
from udfs.facts import unpacked

SENT = list[tuple[str, int, bytes]]
NOON_MS = round(NOON.timestamp() * 1_000)


@pytest.fixture
def sent(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> SENT:
    """Messages to Kafka; partition 0 of the lake has offsets 4 and 2, partition 1 has 3, and 1 of 21 days ago."""
    found: SENT = []

    class Sender:
        def __init__(self, _: str) -> None: ...

        def send(self, topic: str, key: bytes | None, value: bytes, partition: int) -> None:
            assert key is None
            found.append((topic, partition, value))

        def close(self) -> None: ...

    def decided(partition: int, offset: int, days: int = 0) -> Row:
        places = {
            "source_partition": partition,
            "source_offset": offset,
            "card_token": "k1_" + "a1" * 32,
            "degraded": None,
        }
        moment = NOON - timedelta(days=days)
        return decision(offset, **places, event_time=moment, ingested_at=moment)

    files = write(tmp_path, "decisions", [decided(0, 4), decided(0, 2), decided(1, 3), decided(1, 1, days=21)])
    monkeypatch.setattr(kafka, "BulkSender", Sender)
    monkeypatch.setattr(vault, "linking", lambda _: str)
    monkeypatch.setattr(kafka, "append_time", lambda *_: NOON_MS)
    monkeypatch.setattr(transactions, "clock_ms", lambda: NOON_MS + 365 * 86_400_000)
    monkeypatch.setattr(lake_files, "on_s3", lambda *_: files)
    monkeypatch.setattr(lake_files, "let_read", lambda *_: None)
    return found


def test_facts_go_to_the_partition_of_their_message(sent: SENT) -> None:
    told = Told()
    assert transactions.send(Settings(), {0: 5, 1: 9}, told) == 4
    assert told.progress == [(4, 4)]
    assert {topic for topic, _, _ in sent} == {"transactions-bootstrap"}
    facts = unpacked([value for _, _, value in sent]).facts
    assert facts["source_offset"].tolist() == [2, 4, 1, 3]
    assert [partition for _, partition, _ in sent] == facts["source_partition"].tolist() == [0, 0, 1, 1]
    assert np.unique(facts["entity"]).size == 1


def test_the_time_that_counts_ends_with_the_oldest_of_what_comes_next(
    sent: SENT, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Partition 0 goes on a week later; partition 1 has stood still, so what was known then must be known."""
    later = {0: NOON_MS + 7 * 86_400_000, 1: NOON_MS}
    monkeypatch.setattr(kafka, "append_time", lambda _, __, partition, ___: later[partition])
    assert transactions.send(Settings(), {0: 5, 1: 9}, Told()) == 4
    sent.clear()
    monkeypatch.setattr(kafka, "append_time", lambda *_: later[0])
    assert transactions.send(Settings(), {0: 5, 1: 9}, Told()) == 3


def test_at_the_end_of_a_partition_the_clock_counts(sent: SENT, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(kafka, "append_time", lambda *_: None)
    monkeypatch.setattr(transactions, "clock_ms", lambda: NOON_MS + 7 * 86_400_000)
    assert transactions.send(Settings(), {0: 5, 1: 9}, Told()) == 3
    assert len(sent) == 3


def test_nothing_to_build_from_is_an_error(sent: SENT, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(SluiceError, match="the lake holds no decision on what has been read"):
        transactions.send(Settings(), {0: 0, 1: 0}, Told())
    monkeypatch.setattr(kafka, "append_time", lambda *_: NOON_MS + 60 * 86_400_000)
    with pytest.raises(SluiceError, match="the lake holds no decision since 2026-12-11T11:55:00"):
        transactions.send(Settings(), {0: 5, 1: 9}, Told())
    assert sent == []
