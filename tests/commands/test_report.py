"""`sluice report` as a person calls it."""

from __future__ import annotations

import json
import sys
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
    assert capsys.readouterr().out.splitlines()[1] == "2026-11-03,USD,1,1234500,1,0,0"
    assert call(monkeypatch, *question, "--format", "json") == 0
    answer = json.loads(capsys.readouterr().out)
    assert answer["as_of"] == "2026-11-03T23:59:59.999Z"
    assert answer["rows"][0]["event_date"] == "2026-11-03"
    assert answer["rows"][0]["amount_minor"] == 1_234_500


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("transactions-by-dya",), "there is no report 'transactions-by-dya'; there are: data-quality, transactions"),
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
