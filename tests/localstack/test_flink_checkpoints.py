from __future__ import annotations

from pathlib import Path

import pytest

from localstack import flink_checkpoints
from localstack.errors import ServerError
from localstack.flink import FlinkCluster
from localstack.flink_jobs import FlinkJobs, Job
from localstack.ports import on_free_ports
from localstack.processes import Processes
from sluice.flink_jobs import named
from sluice.settings import Settings

FRAUD_DETECTION = named("fraud_detection")


def test_completed_checkpoints_are_found_newest_first(tmp_path: Path) -> None:
    settings = on_free_ports(Settings(), tmp_path)
    folder = tmp_path / "flink/checkpoints/abc"
    for number in (9, 10):
        (folder / f"chk-{number}").mkdir(parents=True)
        (folder / f"chk-{number}/_metadata").write_bytes(b"12345")
    (folder / "chk-10/state").write_bytes(b"123")
    (folder / "chk-11").mkdir()  # still being written, or broken off
    (folder / "shared").mkdir()
    found = flink_checkpoints.retained(settings, "abc")
    assert [(each.number, each.size) for each in found] == [(10, 8), (9, 5)]
    assert flink_checkpoints.retained(settings, "other") == []


def test_the_newest_run_of_a_job_counts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    cluster = FlinkCluster(on_free_ports(Settings(), tmp_path), Processes(tmp_path))
    known = [Job("2", "lake", "RUNNING"), Job("1", "lake", "FAILED")]
    monkeypatch.setattr(FlinkJobs, "all", lambda _: known)
    assert flink_checkpoints.newest_run(cluster, named("lake")) == "2"
    with pytest.raises(ServerError, match="Flink knows no job fraud_detection"):
        flink_checkpoints.newest_run(cluster, FRAUD_DETECTION)
