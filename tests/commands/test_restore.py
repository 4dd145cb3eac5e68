"""`sluice restore` lists what there is, goes back to what is asked for, and says plainly when it can't."""

from __future__ import annotations

from pathlib import Path

import pytest

from localstack.flink import FlinkCluster
from localstack.flink_jobs import FlinkJobs, Job
from localstack.ports import on_free_ports
from sluice.commands.restore import restore
from sluice.errors import SluiceError
from sluice.settings import Settings, dump

CALLS = list[tuple[object, ...]]


@pytest.fixture
def calls(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> CALLS:
    """What Flink is asked for; lake runs as job `abc`, with checkpoints 7 and 8."""
    found: CALLS = []
    for number in (7, 8):
        folder = tmp_path / f"flink/checkpoints/abc/chk-{number}"
        folder.mkdir(parents=True)
        (folder / "_metadata").write_bytes(b"x" * 2_000_000)
    monkeypatch.setattr(FlinkJobs, "all", lambda _: [Job("abc", "lake", "RUNNING")])
    monkeypatch.setattr(FlinkJobs, "state", lambda *_: "RUNNING")
    monkeypatch.setattr(FlinkJobs, "cancel", lambda _, job_id: found.append(("cancel", job_id)))
    monkeypatch.setattr(FlinkJobs, "wait_running", lambda *_: None)

    def submit(_: FlinkCluster, *what: object) -> str:
        found.append(("submit", *what))
        return "def"

    monkeypatch.setattr(FlinkCluster, "submit", submit)
    return found


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return dump(on_free_ports(Settings(), tmp_path), tmp_path / "sluice.yaml")


def test_checkpoints_are_listed_newest_first(calls: CALLS, file: Path, capsys: pytest.CaptureFixture[str]) -> None:
    restore("lake", settings_file=file)
    listed = [line.split() for line in capsys.readouterr().out.splitlines()]
    assert [(line[0], line[-2:]) for line in listed if line[0].isdigit()] == [
        ("8", ["1.9", "MiB"]),
        ("7", ["1.9", "MiB"]),
    ]
    assert calls == []


def test_a_job_goes_back_to_the_checkpoint_that_is_asked_for(calls: CALLS, file: Path, tmp_path: Path) -> None:
    restore("lake", 7, file)
    folder = tmp_path / "flink/checkpoints/abc/chk-7"
    assert calls == [("cancel", "abc"), ("submit", Path("jobs/lake/main.py"), file, folder.as_uri())]


@pytest.mark.parametrize(
    ("job", "checkpoint", "words"),
    [
        ("lake", 6, "lake has no checkpoint 6 on disk; there are: 8, 7"),
        (
            "lakes",
            None,
            "there is no job 'lakes'; there are: fraud_detection, fraud_patterns, enrichment, hot_state, ",
        ),
        ("hot_state", None, "Flink knows no job hot_state"),
    ],
)
def test_what_is_not_there_is_said(calls: CALLS, file: Path, job: str, checkpoint: int | None, words: str) -> None:
    with pytest.raises(SluiceError, match=words):
        restore(job, checkpoint, file)
    assert calls == []
