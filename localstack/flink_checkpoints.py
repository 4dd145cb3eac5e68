"""Checkpoints and savepoints that a job has left on disk, and the job's way back to one of them."""

from __future__ import annotations

import re
from pathlib import Path
from typing import NamedTuple
from urllib.parse import unquote, urlsplit

from localstack.errors import ServerError
from localstack.flink import FlinkCluster
from localstack.flink_jobs import ENDED
from sluice.flink_jobs import FlinkJob
from sluice.settings import Settings

METADATA = "_metadata"
FOLDER = re.compile(r"chk-(\d+)")
RUNNING_SECONDS = 180.0


class Retained(NamedTuple):
    """A checkpoint on disk; `written_ms` since 1970."""

    number: int
    folder: Path
    written_ms: int
    size: int


def retained(settings: Settings, job_id: str) -> list[Retained]:
    """The completed checkpoints of a job on disk, newest first; whether they can be read is not known."""
    found = []
    for folder in (settings.local.home.resolve() / "flink/checkpoints" / job_id).glob("chk-*"):
        named, metadata = FOLDER.fullmatch(folder.name), folder / METADATA
        if named is None or not metadata.exists():
            continue
        size = sum(file.stat().st_size for file in folder.iterdir())
        found.append(Retained(int(named[1]), folder, int(metadata.stat().st_mtime * 1_000), size))
    return sorted(found, reverse=True)


def location(text: str) -> str:
    """The URI of a savepoint or checkpoint that a person names by path or URI; one in a remote store is not looked at.

    Raises ServerError where the folder is none.
    """
    uri = urlsplit(text)
    if uri.scheme not in {"", "file"}:
        return text
    folder = Path(unquote(uri.path) if uri.scheme else text).resolve()
    if not (folder / METADATA).is_file():
        raise ServerError(f"{folder} is no savepoint: it has no {METADATA}; sluice stop prints where it has put one")
    return folder.as_uri()


def newest_run(flink: FlinkCluster, job: FlinkJob) -> str:
    """The id under which `job` was submitted last. Raises ServerError when the cluster does not know it."""
    found = flink.jobs.newest().get(job.name)
    if found is None:
        raise ServerError(f"Flink knows no job {job.name}; sluice submit {job.name} starts it")
    return found.id


def restore(flink: FlinkCluster, job: FlinkJob, job_id: str, checkpoint: Retained, settings_file: Path) -> str:
    """Cancel the job if it has not ended, and start it again with the state of `checkpoint`; the new id.

    What it had done since that checkpoint, it does again. Raises ServerError.
    """
    if flink.jobs.state(job_id) not in ENDED:
        flink.jobs.cancel(job_id)
    new_id = flink.submit(job.main, settings_file, checkpoint.folder.as_uri())
    flink.jobs.wait_running(new_id, RUNNING_SECONDS)
    return new_id
