"""`sluice report` as a person calls it."""

from __future__ import annotations

import json
import sys
from datetime import UTC, datetime
from pathlib import Path

import pytest
import yaml

from jobs.warehouse_load.load import load
from sluice import cli, warehouse
from tests.jobs.warehouse_load.lake_maker import decision, write


@pytest.fixture
def settings_file(tmp_path: Path) -> Path:
    file = tmp_path / "settings.yaml"
    file.write_text(yaml.safe_dump({"warehouse": {"database": str(tmp_path / "w.duckdb")}}), encoding="utf-8")
    return file


@pytest.fixture
def loaded(tmp_path: Path, settings_file: Path) -> Path:
    with warehouse.opened(tmp_path / "w.duckdb", create=True) as connection:
        load(connection, write(tmp_path, "decisions", [decision(1, amount_minor=1_234_500)]))
    return settings_file


def call(monkeypatch: pytest.MonkeyPatch, *arguments: object) -> int:
    """The exit code of `sluice` with `arguments`."""
    monkeypatch.setattr(sys, "argv", ["sluice", *(str(each) for each in arguments)])
    with pytest.raises(SystemExit) as ended:
        cli.main()
    return int(ended.value.code or 0)


def test_the_three_formats(loaded: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    question = ("report", "transactions-by-day", "--as-of", "2026-11-03", "--settings", loaded)
    assert call(monkeypatch, *question) == 0
    table = capsys.readouterr().out
    assert "1,234,500" in table
    assert "as of 2026-11-03T23:59:59.999Z, as known at 20" in table
    assert call(monkeypatch, *question, "--format", "csv") == 0
    assert capsys.readouterr().out.splitlines()[1] == "2026-11-03,USD,1,1234500,1,0,0,7,100.000,0.000"
    assert call(monkeypatch, *question, "--format", "json") == 0
    answer = json.loads(capsys.readouterr().out)
    assert answer["as_of"] == "2026-11-03T23:59:59.999Z"
    assert answer["rows"][0]["event_date"] == "2026-11-03"
    assert answer["rows"][0]["amount_minor"] == 1_234_500


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("transactions-by-dya",), "there is no report 'transactions-by-dya'; there are: card-features, data"),
        (
            ("dif", "transactions-by-day"),
            "can't make sense of 'dif transactions-by-day'; write sluice report NAME, or diff",
        ),
        (
            ("diff", "transactions-by-day", "--as-known", "2026-11-03"),
            "name the two moments to compare: --as-known MOM",
        ),
        (("data-quality", "--as-known", "2026-11-03", "--as-known", "2026-11-04"), "with `sluice report diff NAME`"),
        (("transactions-by-day", "--as-of", "3.11.2026"), "--as-of '3.11.2026' is not a date or a moment; write 2026-"),
        (("transactions-by-day", "--as-known", "2999-01-01"), "--as-known 2999-01-01T23:59:59.999Z lies in the future"),
    ],
)
def test_a_bad_question_says_what_to_do(
    loaded: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    arguments: tuple[str, ...],
    message: str,
) -> None:
    assert call(monkeypatch, "report", *arguments, "--settings", loaded) == 1
    error = capsys.readouterr().err
    assert message in error
    assert "Traceback" not in error


def test_without_a_warehouse_it_names_the_command_that_makes_one(
    settings_file: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert call(monkeypatch, "report", "transactions-by-day", "--settings", settings_file) == 1
    assert "run `sluice load` first" in capsys.readouterr().err


def test_what_was_restated_and_by_which_records(
    tmp_path: Path, settings_file: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monday, tuesday = datetime(2026, 11, 9, 6, tzinfo=UTC), datetime(2026, 11, 10, 6, tzinfo=UTC)
    again = decision(1, decision_id="d1-again", outcome="block", amount_minor=500)
    late = decision(2, amount_minor=250, customer_id="c2", source_partition=3, source_offset=41)
    with warehouse.opened(tmp_path / "w.duckdb", create=True) as connection:
        first = [decision(1, amount_minor=500), decision(3, currency="EUR")]
        load(connection, write(tmp_path, "decisions", first), lambda: monday)
        load(connection, write(tmp_path, "decisions", [again, late], "part-late"), lambda: tuesday)
    moments = ("--as-known", "2026-11-09", "--as-known", "2026-11-10", "--as-of", "2026-11-03")
    question = ("report", "diff", "transactions-by-day", *moments, "--settings", settings_file)
    assert call(monkeypatch, *question) == 0
    lines = [" ".join(line.split()) for line in capsys.readouterr().out.splitlines()]
    assert lines[1] == "changed 2026-11-03 USD 1 → 2 500 → 750 1 0 0 → 1 7 → 14 100.000 → 50.000 0.000 → 50.000"
    assert lines[4:] == [
        "2026-11-03 USD learned t1 x 7 7 2026-11-10T06:00:00.000Z",
        "2026-11-03 USD learned t2 c2 3 41 2026-11-10T06:00:00.000Z",
        "2026-11-03 USD superseded t1 x 7 7 2026-11-10T06:00:00.000Z",
        "as of 2026-11-03T23:59:59.999Z, as known at 2026-11-09T23:59:59.999Z → 2026-11-10T23:59:59.999Z",
    ]
    assert call(monkeypatch, *question, "--format", "json") == 0
    (row,) = json.loads(capsys.readouterr().out)["rows"]
    assert (row["before"]["transactions"], row["after"]["transactions"]) == (1, 2)
    assert [each["source_offset"] for each in row["records"]] == [7, 41, 7]
    assert call(monkeypatch, *question, "--format", "csv") == 0
    assert len(capsys.readouterr().out.splitlines()) == 4
    same = ("--as-known", "2026-11-10", "--as-known", "2026-11-11")
    assert call(monkeypatch, "report", "diff", "data-quality", *same, "--settings", settings_file) == 0
    assert "data-quality as of 2026-11-11T23:59:59.999Z says the same as known at" in capsys.readouterr().out
