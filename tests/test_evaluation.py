"""Decisions against labels, counted by hand."""

from __future__ import annotations

from pathlib import Path

import orjson
import pytest
from rich.console import Console
from typer.testing import CliRunner

from sluice import cli, evaluation
from sluice.commands.evaluate import show
from sluice.evaluation import Rule, Scenario, evaluate
from sluice.feed.generate import Label
from sluice.labels import LabelsError, read_labels


def fraud(transaction_id: str, scenario: str, case: int) -> Label:
    return Label(transaction_id, is_fraud=True, scenario=scenario, case=case)


def honest(transaction_id: str) -> Label:
    return Label(transaction_id, is_fraud=False, scenario="none", case=None)


LABELS = [
    fraud("a-1", "burst", 0),
    fraud("a-2", "burst", 0),
    fraud("a-3", "burst", 1),
    fraud("a-4", "large", 2),
    honest("a-5"),
    honest("a-6"),
    honest("a-7"),
    fraud("b-1", "burst", 0),
]
FIRED = {
    "a-1": [],
    "a-2": ["fast", "far"],
    "a-3": [],
    "a-4": ["big"],
    "a-5": ["big"],
    "a-6": [],
    "b-1": ["fast"],
    "other": ["fast"],
}


def test_cases_transactions_and_rules() -> None:
    found = evaluate(LABELS, FIRED)
    assert found.scenarios == (Scenario("burst", 3, 2, 4, 2), Scenario("large", 1, 1, 1, 1))
    assert found.rules == (Rule("big", 1, 1, 1), Rule("far", 1, 0, 1), Rule("fast", 2, 0, 2))
    assert (found.cases, found.found, found.recall) == (4, 3, 0.75)
    assert found.precision == 0.75
    assert (found.legitimate, found.legitimate_flagged, found.undecided) == (3, 1, 1)
    assert found.false_positive_rate == pytest.approx(1 / 3)
    assert found.as_json()["scenarios"][0]["recall"] == pytest.approx(2 / 3)
    assert found.as_json()["rules"][0]["precision"] == 0.5


def test_nothing_has_no_shares() -> None:
    nothing = evaluate([], {})
    assert (nothing.recall, nothing.precision, nothing.false_positive_rate) == (None, None, None)


def test_what_a_person_sees() -> None:
    console = Console(width=100)
    with console.capture() as shown:
        show(console, evaluate(LABELS, FIRED))
    rows = [line.split() for line in shown.get().splitlines()]
    assert ["burst", "3", "2", "66.667%", "4", "2"] in rows
    assert ["big", "1", "1", "50.000%", "1"] in rows
    assert "3 of 4 cases found: recall 75.000%" in shown.get()
    assert "1 of 3 legitimate transactions flagged: 33.333%" in shown.get()
    assert "1 labelled transactions have no decision" in shown.get()


def _written(folder: Path, *lines: bytes) -> Path:
    file = folder / "traffic.labels.jsonl"
    file.write_bytes(b"\n".join(lines))
    return file


def test_labels_are_read_as_they_are_written(tmp_path: Path) -> None:
    assert list(read_labels(_written(tmp_path, *(orjson.dumps(each._asdict()) for each in LABELS)))) == LABELS
    with pytest.raises(LabelsError, match=r"labels\.jsonl:1: this is no label with transaction_id, is_fraud"):
        list(read_labels(_written(tmp_path, b'{"id": 1}')))
    with pytest.raises(LabelsError, match=r"labels\.jsonl:1: a value is of the wrong type, see contracts/labels\.yaml"):
        list(read_labels(_written(tmp_path, orjson.dumps(LABELS[0]._asdict() | {"is_fraud": "yes"}))))
    with pytest.raises(LabelsError, match="sluice generate writes labels"):
        list(read_labels(tmp_path / "none"))


def test_the_command(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = str(_written(tmp_path, *(orjson.dumps(each._asdict()) for each in LABELS)))
    monkeypatch.setattr(evaluation, "fired", lambda _: FIRED)
    shown = CliRunner().invoke(cli.application(["evaluate"]), ["evaluate", file, "--json"])
    assert orjson.loads(shown.output)["found"] == 3
    monkeypatch.setattr(evaluation, "fired", lambda _: {})
    failed = CliRunner().invoke(cli.application(["evaluate"]), ["evaluate", file])
    assert "is decided; was that traffic replayed?" in str(failed.exception)
