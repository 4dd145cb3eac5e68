"""What is asked of Flink, in which order; what is refused before anything is stopped; and what is left behind."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from jobs.warehouse_load import lake_files
from jobs.warehouse_load.lake_files import LakeFile
from localstack.flink import FlinkCluster
from localstack.flink_jobs import FlinkJobs, Job
from localstack.ports import on_free_ports
from localstack.processes import Processes
from sluice import kafka
from sluice.bootstrap import steps, topic, transactions
from sluice.bootstrap.steps import Bootstrap
from sluice.errors import SluiceError
from sluice.settings import Settings

DECIDING, LAKE = Job("d", "fraud_detection", "RUNNING"), Job("l", "lake", "RUNNING")
MAIN, PROGRAM = Path("jobs/fraud_detection/main.py"), Path("jobs/fraud_detection/bootstrap.py")


class Flink:
    """Remembers what it was asked for; what is submitted runs at once."""

    def __init__(self, *jobs: Job) -> None:
        self.states = {each.id: each for each in jobs}
        self.calls: list[tuple[object, ...]] = []
        self.kept: list[str] = []

    def end(self, what: str, job_id: str) -> str:
        self.calls.append((what, job_id))
        self.states[job_id] = self.states[job_id]._replace(state="FINISHED")
        return f"file:/savepoint-of-{job_id}"

    def submit(self, job: Path, _: Path, *restore_from: str) -> str:
        name = f"new {job.stem}"
        self.states[name] = Job(name, "fraud_detection_bootstrap" if job == PROGRAM else "fraud_detection", "RUNNING")
        self.calls.append(("submit", job, *restore_from))
        return name

    def begin(self, words: str) -> None: ...

    def advance(self, done: int, total: int) -> None: ...

    def keep(self, words: str) -> None:
        self.kept.append(words)


def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, flink: Flink, **replaced: Any) -> steps.Built:
    """The steps on `flink`, with a Kafka and a lake that have everything, unless `replaced` stands for them."""
    settings = on_free_ports(Settings(), tmp_path)
    cluster = FlinkCluster(settings, Processes(tmp_path))
    monkeypatch.setattr(FlinkJobs, "all", lambda _: list(reversed(flink.states.values())))
    monkeypatch.setattr(FlinkJobs, "state", lambda _, job_id: flink.states[job_id].state)
    monkeypatch.setattr(FlinkJobs, "stop", lambda _, job_id: flink.end("stop", job_id))
    monkeypatch.setattr(FlinkJobs, "cancel", lambda _, job_id: flink.end("cancel", job_id))
    monkeypatch.setattr(FlinkJobs, "wait_running", lambda _, job_id, __: flink.calls.append(("running", job_id)))
    monkeypatch.setattr(FlinkCluster, "submit", lambda _, *what: flink.submit(*what))
    monkeypatch.setattr(lake_files, "on_s3", lambda *_: [LakeFile("decisions", "part-1", "")])
    monkeypatch.setattr(kafka, "positions", replaced.get("positions", lambda *_: {0: 7, 1: 5}))

    monkeypatch.setattr(kafka, "stand_at", lambda _, *what: flink.calls.append(("stand", *what)))

    @contextmanager
    def created(_: str, name: str, partitions: int) -> Iterator[None]:
        flink.calls.append(("topic", name, partitions))
        yield
        flink.calls.append(("no topic", name))

    monkeypatch.setattr(topic, "created", created)
    monkeypatch.setattr(transactions, "send", replaced.get("send", lambda *_: 12))
    monkeypatch.setattr(steps, "wait_until_read", lambda _, job_id, *__: flink.calls.append(("read", job_id)))
    monkeypatch.setattr(
        steps, "wait_for_next_checkpoint", lambda _, job_id, __: flink.calls.append(("covered", job_id))
    )
    monkeypatch.setattr(steps, "keep_only", lambda path, uids: flink.calls.append(("keep only", path, *uids)))
    return Bootstrap(cluster, settings, tmp_path / "sluice.yaml", flink).run()


def test_the_steps(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    flink = Flink(LAKE, DECIDING)
    assert run(tmp_path, monkeypatch, flink) == ("new main", 12, {0: 7, 1: 5})
    assert flink.calls == [
        ("stop", "d"),
        ("read", "l"),
        ("covered", "l"),
        ("topic", "transactions-bootstrap", 2),
        ("submit", PROGRAM),
        ("read", "new bootstrap"),
        ("stop", "new bootstrap"),
        ("no topic", "transactions-bootstrap"),
        ("keep only", "file:/savepoint-of-new bootstrap", "seen", "profiled"),
        ("stand", "fraud_detection", "transactions", {0: 7, 1: 5}),
        ("submit", MAIN, "file:/savepoint-of-new bootstrap"),
        ("running", "new main"),
    ]
    assert flink.kept[0].endswith("The way back: sluice submit fraud_detection --from file:/savepoint-of-d")


@pytest.mark.parametrize(
    ("state", "call", "words"),
    [
        ("FAILED", [], "did not run"),
        ("RESTARTING", [("cancel", "d")], "The way back: sluice restore fraud_detection"),
    ],
)
def test_a_job_that_can_not_be_stopped_is_no_hindrance(
    state: str, call: list[object], words: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    flink = Flink(LAKE, DECIDING._replace(state=state))
    run(tmp_path, monkeypatch, flink)
    assert flink.calls[: len(call) + 1] == [*call, ("read", "l")]
    assert words in flink.kept[0]


def test_without_a_running_lake_nothing_is_stopped(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for lake, words in (((), "not submitted"), ((LAKE._replace(state="FAILED"),), "FAILED")):
        flink = Flink(DECIDING, *lake)
        with pytest.raises(SluiceError, match=f"the job lake is {words}, .* `sluice submit lake`"):
            run(tmp_path, monkeypatch, flink)
        assert flink.calls == []


def test_without_a_position_nothing_is_built(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    flink = Flink(LAKE, DECIDING)
    with pytest.raises(SluiceError, match="the group fraud_detection stands nowhere in transactions"):
        run(tmp_path, monkeypatch, flink, positions=lambda *_: {})
    assert flink.calls == [("stop", "d")]


def test_an_interrupt_leaves_the_way_back_and_no_job(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupted(*_: object) -> int:
        raise KeyboardInterrupt

    flink = Flink(LAKE, DECIDING)
    with pytest.raises(KeyboardInterrupt):
        run(tmp_path, monkeypatch, flink, send=interrupted)
    assert "--from file:/savepoint-of-d" in flink.kept[0]
    assert flink.calls[-1] == ("cancel", "new bootstrap")


def test_a_job_that_an_earlier_run_has_left_is_cancelled(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    flink = Flink(LAKE, DECIDING, Job("old", "fraud_detection_bootstrap", "RUNNING"))
    run(tmp_path, monkeypatch, flink)
    assert flink.calls.index(("cancel", "old")) < flink.calls.index(("submit", PROGRAM))
