"""Waiting goes on for as long as a job does, and says why it has given up."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from localstack.errors import ServerError
from localstack.flink_jobs import FlinkJobs
from sluice import kafka
from sluice.bootstrap import reading

JOBS = FlinkJobs(1)
ALWAYS = 1_000


class Told:
    def __init__(self) -> None:
        self.progress: list[tuple[int, int]] = []

    def begin(self, words: str) -> None: ...

    def advance(self, done: int, total: int) -> None:
        self.progress.append((done, total))

    def keep(self, words: str) -> None: ...


@pytest.fixture(autouse=True)
def trouble(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(FlinkJobs, "trouble", lambda *_: "the disk is full")
    monkeypatch.setattr(reading, "PAUSE_SECONDS", 0.001)


def falling(*numbers: int) -> Callable[..., int]:
    """These, one after the other, then the last for ever."""
    left = list(numbers)
    return lambda *_: left.pop(0) if len(left) > 1 else left[0]


def wait(told: Told, seconds: float) -> None:
    reading.wait_until_read(JOBS, "id", "localhost:1", "lake", "decisions", seconds, told)


def test_what_is_read_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(kafka, "lag", falling(9, 9, 9, 4, 4, 4, 0))
    told = Told()
    wait(told, ALWAYS)
    assert told.progress == [(5, 9), (9, 9)]


def test_nothing_to_read_is_read(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(kafka, "lag", falling(0))
    wait(Told(), ALWAYS)


def test_a_standstill_is_an_error_that_says_why(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(kafka, "lag", falling(1_200))
    with pytest.raises(ServerError, match="lake is 1,200 messages behind, and has not moved for 0 s: the disk is full"):
        wait(Told(), 0)


def answers(*triggered: int | None) -> Callable[..., Any]:
    """Flink's, whose clock says 100, with checkpoints triggered then."""
    latest = falling(*(0 if each is None else each for each in triggered))

    def get(_: FlinkJobs, path: str) -> Any:
        if not path.endswith("/checkpoints"):
            return {"now": 100}
        return {"latest": {"completed": {"trigger_timestamp": at} if (at := latest()) else None}}

    return get


def test_a_checkpoint_that_had_begun_before_is_not_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(FlinkJobs, "get", answers(None, 99, 101))
    reading.wait_for_next_checkpoint(JOBS, "id", ALWAYS)
    monkeypatch.setattr(FlinkJobs, "get", answers(99))
    with pytest.raises(ServerError, match="job id has completed no checkpoint in 0 s: the disk is full"):
        reading.wait_for_next_checkpoint(JOBS, "id", 0)
