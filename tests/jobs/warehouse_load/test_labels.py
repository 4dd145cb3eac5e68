"""Labels are appended with a recorded time; what a report said before they were known, it says for ever."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from decimal import Decimal
from pathlib import Path

import duckdb
import pytest

from contracts import reader
from jobs.warehouse_load import labels
from jobs.warehouse_load.load import load
from sluice import reports, restatements, warehouse
from sluice.feed.generate import Label
from sluice.labels import LabelsError
from sluice.warehouse import WarehouseError
from tests.jobs.warehouse_load.lake_maker import NOON, decision, write, write_labels

HIT = {"version": 1, "severity": "high", "text": "x", "values": []}


def hits(*rules: str) -> list[dict[str, object]]:
    return [HIT | {"rule": each} for each in rules]


DECISIONS = [
    decision(1, outcome="block", reasons=hits("fast", "high"), amount_minor=1_000, amount_usd_minor=1_100),
    decision(2, outcome="review", reasons=hits("high"), amount_minor=200, amount_usd_minor=220),
    decision(3, outcome="approve", reasons=[], amount_minor=30, amount_usd_minor=33),
    decision(4, outcome="review", reasons=hits("high"), amount_minor=4, amount_usd_minor=5, currency="JPY"),
    decision(5, outcome="review", reasons=hits("odd"), amount_minor=6, amount_usd_minor=6),
]


@pytest.fixture
def connection(tmp_path: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    with warehouse.opened(tmp_path / "w.duckdb", create=True) as opened:
        load(opened, write(tmp_path, "decisions", DECISIONS))
        yield opened


def test_the_contract_is_what_is_written() -> None:
    assert reader.load("labels").names() == Label._fields


def test_rules_and_money_are_held_against_labels(connection: duckdb.DuckDBPyConnection, tmp_path: Path) -> None:
    labels.load(connection, write_labels(tmp_path / "l", t1=True, t2=False, t3=True, t4=True))
    assert reports.ask(connection, "rule-performance").rows == [
        ("fast", 1, 1, 0, 0, Decimal("0.000"), 3, Decimal("33.333")),
        ("high", 3, 2, 1, 0, Decimal("0.500"), 3, Decimal("66.667")),
        ("odd", 1, 0, 0, 1, None, 3, Decimal("0.000")),
    ]
    day = NOON.date()
    assert reports.ask(connection, "value-protected").rows == [
        (day, "JPY", 1, 4, 0, 4, 0, 5, 0),
        (day, "USD", 2, 1_030, 1_000, 0, 30, 1_133, 1_100),
    ]


def test_a_label_that_comes_late_or_changes_restates(connection: duckdb.DuckDBPyConnection, tmp_path: Path) -> None:
    labels.load(connection, write_labels(tmp_path / "first", t1=True, t2=True))
    before = reports.ask(connection, "value-protected")
    loaded = labels.load(connection, write_labels(tmp_path / "second", t1=True, t2=False, t3=True))
    assert (loaded.rows, loaded.repeats) == (2, 1)
    after = reports.ask(connection, "value-protected", before.as_of)
    assert reports.ask(connection, "value-protected", before.as_of, before.as_known) == before
    (changed,) = restatements.diff(connection, "value-protected", before.as_of, [before.as_known, after.as_known]).rows
    assert changed.values("fraud_minor") == (1_200, 1_030)
    assert [(each.change, each.transaction_id) for each in changed.records] == [
        ("learned", "t2"),
        ("learned", "t3"),
        ("superseded", "t2"),
    ]


def test_a_file_is_loaded_once_by_its_content(connection: duckdb.DuckDBPyConnection, tmp_path: Path) -> None:
    file = write_labels(tmp_path / "l", t1=True)
    first = labels.load(connection, file)
    assert first.recorded_at
    assert labels.load(connection, file).recorded_at is None
    assert labels.load(connection, file.rename(tmp_path / "other")).recorded_at is None
    assert labels.load(connection, write_labels(tmp_path / "same", t1=True, t2=False)).rows == 1
    with pytest.raises(WarehouseError, match="l has changed since its labels were loaded, and these stay; write what"):
        labels.load(connection, write_labels(file, t1=False))


def test_a_load_of_labels_is_all_or_nothing(connection: duckdb.DuckDBPyConnection, tmp_path: Path) -> None:
    file = write_labels(tmp_path / "l", t1=True)
    file.write_bytes(file.read_bytes() + b"\n" + file.read_bytes())
    with pytest.raises(WarehouseError, match="has 1 transactions more than once, such as t1; keep one label"):
        labels.load(connection, file)
    file.write_bytes(b"{}")
    with pytest.raises(LabelsError, match="l:1: this is no label"):
        labels.load(connection, file)
    assert connection.sql("from labels").fetchall() == []


def test_labels_are_recorded_after_all_that_was_answered(connection: duckdb.DuckDBPyConnection, tmp_path: Path) -> None:
    answered = reports.ask(connection, "value-protected").as_known
    loaded = labels.load(connection, write_labels(tmp_path / "l", t1=True), lambda: NOON - timedelta(days=900))
    assert loaded.recorded_at == answered + warehouse.TICK
