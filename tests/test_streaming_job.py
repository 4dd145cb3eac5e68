"""Where a job begins: at the oldest message, unless it takes over state."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest
from pyflink.table import TableEnvironment

from sluice import kafka, streaming_job
from sluice.flink_jobs import named
from sluice.settings import Settings, dump

CALLS = list[object]


class Statements:
    def __init__(self, calls: CALLS) -> None:
        self._calls = calls

    def execute(self) -> None:
        self._calls.append("execute")


@pytest.fixture
def calls(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> CALLS:
    found: CALLS = []
    file = dump(Settings(), tmp_path / "sluice.yaml")
    monkeypatch.setattr(sys, "argv", ["main.py", "--settings", str(file)])
    monkeypatch.setattr(kafka, "start_at_oldest", lambda _, *what: found.append(what))
    monkeypatch.setattr(kafka, "positions", lambda *asked: {} if asked[2] == "duplicates" else {0: 7})
    return found


def test_without_state_a_job_begins_at_the_oldest(calls: CALLS) -> None:
    streaming_job.run(named("lake"), lambda *_: Statements(calls))
    assert calls == [("lake", ["decisions", "quarantine", "duplicates"]), "execute"]


def test_with_state_its_group_stays_where_it_stands_and_begins_where_it_never_was(calls: CALLS) -> None:
    def build(table_env: TableEnvironment, _: Settings) -> Statements:
        table_env.get_config().set("execution.state-recovery.path", "file:/savepoint")  # as `flink run -s` does
        return Statements(calls)

    streaming_job.run(named("hot_state"), build)
    assert calls == ["execute"]
    calls.clear()
    streaming_job.run(named("lake"), build)
    assert calls == [("lake", ["duplicates"]), "execute"]
