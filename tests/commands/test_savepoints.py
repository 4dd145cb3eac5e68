"""`sluice stop` and `sluice submit --from` hand a job's state on, and say plainly when they can't."""

from __future__ import annotations

from pathlib import Path

import pytest

from localstack.errors import ServerError
from localstack.flink import FlinkCluster
from localstack.flink_jobs import FlinkJobs, Job
from localstack.ports import on_free_ports
from localstack.processes import Processes
from sluice.commands.stop import stop
from sluice.commands.submit import submit
from sluice.errors import SluiceError
from sluice.settings import Settings, dump

CALLS = list[tuple[object, ...]]
SAVEPOINT = "file:/savepoints/savepoint-abc-1"


@pytest.fixture
def calls(monkeypatch: pytest.MonkeyPatch) -> CALLS:
    """What Flink is asked for; lake runs as job `abc`, hot_state has been stopped."""
    found: CALLS = []
    states = {"abc": "RUNNING", "old": "FINISHED"}
    monkeypatch.setattr(
        FlinkJobs, "all", lambda _: [Job("abc", "lake", "RUNNING"), Job("old", "hot_state", "FINISHED")]
    )
    monkeypatch.setattr(FlinkJobs, "state", lambda _, job_id: states[job_id])
    monkeypatch.setattr(FlinkJobs, "wait_running", lambda *_: None)

    def stopped(_: FlinkJobs, job_id: str) -> str:
        found.append(("stop", job_id))
        return SAVEPOINT

    def submitted(_: FlinkCluster, job: Path, __: Path, restore_from: str | None, *, drop_unknown_state: bool) -> str:
        found.append(("submit", job, restore_from, drop_unknown_state))
        return "def"

    monkeypatch.setattr(FlinkJobs, "stop", stopped)
    monkeypatch.setattr(FlinkCluster, "submit", submitted)
    return found


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return dump(on_free_ports(Settings(), tmp_path), tmp_path / "sluice.yaml")


@pytest.fixture
def savepoint(tmp_path: Path) -> Path:
    folder = tmp_path / "savepoint 1"
    folder.mkdir()
    (folder / "_metadata").touch()
    return folder


def test_stop_says_where_the_state_lies_and_how_to_go_on(
    calls: CALLS, file: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    stop("lake", file)
    assert calls == [("stop", "abc")]
    said = capsys.readouterr().out
    assert f"its state is in {SAVEPOINT}\n" in said
    assert f"sluice check-upgrade lake {SAVEPOINT} " in said
    assert f"sluice submit lake --from {SAVEPOINT} " in said


@pytest.mark.parametrize(
    ("job", "words"), [("hot_state", "hot_state is FINISHED already"), ("fraud_detection", "Flink knows no job")]
)
def test_what_does_not_run_is_not_stopped(calls: CALLS, file: Path, job: str, words: str) -> None:
    with pytest.raises(SluiceError, match=words):
        stop(job, file)
    assert calls == []


@pytest.mark.parametrize("drop", [False, True])
def test_a_job_starts_from_a_savepoint(calls: CALLS, file: Path, savepoint: Path, *, drop: bool) -> None:
    for place in (str(savepoint), savepoint.as_uri(), f"file:{savepoint.as_uri().removeprefix('file://')}"):
        submit(["hot_state"], place, drop_unknown_state=drop, settings_file=file)
        assert calls.pop() == ("submit", Path("jobs/hot_state/main.py"), savepoint.as_uri(), drop)


def test_a_remote_savepoint_is_left_to_flink(calls: CALLS, file: Path) -> None:
    submit(["hot_state"], "s3://states/savepoint-1", settings_file=file)
    assert calls == [("submit", Path("jobs/hot_state/main.py"), "s3://states/savepoint-1", False)]


def test_without_a_savepoint_a_job_starts_empty(calls: CALLS, file: Path) -> None:
    submit(["hot_state"], settings_file=file)
    assert calls == [("submit", Path("jobs/hot_state/main.py"), None, False)]


@pytest.mark.parametrize(
    ("names", "words"),
    [
        (["lake"], "lake is RUNNING: sluice stop lake"),
        (["hot_state", "lake"], "the state of one job"),
        (None, "the state of one job"),
    ],
)
def test_a_savepoint_is_not_given_to_what_can_not_take_it(
    calls: CALLS, file: Path, savepoint: Path, names: list[str] | None, words: str
) -> None:
    with pytest.raises(SluiceError, match=words):
        submit(names, str(savepoint), settings_file=file)
    assert calls == []


def test_a_folder_that_is_no_savepoint_is_named(calls: CALLS, file: Path, tmp_path: Path) -> None:
    with pytest.raises(SluiceError, match=f"{tmp_path} is no savepoint: it has no _metadata"):
        submit(["hot_state"], str(tmp_path), settings_file=file)
    with pytest.raises(SluiceError, match="name it with --from"):
        submit(["hot_state"], drop_unknown_state=True, settings_file=file)
    assert calls == []


def test_state_that_flink_will_not_drop_unasked_is_explained(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def run(*_: object) -> str:
        raise ServerError("you can set the --allowNonRestoredState option on the CLI")

    monkeypatch.setattr(FlinkCluster, "run", run)
    cluster = FlinkCluster(on_free_ports(Settings(), tmp_path), Processes(tmp_path))
    with pytest.raises(ServerError, match=r"lake has no operator for .* s3://x: sluice check-upgrade lake s3://x "):
        cluster.submit(Path("jobs/lake/main.py"), tmp_path / "s.yaml", "s3://x")


@pytest.mark.parametrize(
    ("arguments", "drop", "expected"),
    [(("s",), False, ["-s", "s"]), (("s",), True, ["-s", "s", "-n"]), ((), False, [])],
)
def test_flink_is_told_what_to_restore(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, arguments: tuple[str, ...], expected: list[str], *, drop: bool
) -> None:
    given: CALLS = []

    def run(_: FlinkCluster, *what: object) -> str:
        given.append(what)
        return "def"

    monkeypatch.setattr(FlinkCluster, "run", run)
    cluster = FlinkCluster(on_free_ports(Settings(), tmp_path), Processes(tmp_path))
    cluster.submit(Path("jobs/lake/main.py"), tmp_path / "s.yaml", *arguments, drop_unknown_state=drop)
    name, *rest = given[0]
    assert (name, rest[: rest.index("-py")]) == ("lake", expected)
