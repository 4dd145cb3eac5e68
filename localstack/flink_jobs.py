"""Jobs of a Flink cluster, seen and changed through its REST interface."""

from __future__ import annotations

from typing import Any, NamedTuple

from localstack.errors import ServerError
from localstack.java_traces import innermost_cause
from localstack.json_http import HttpError, get_json, request_json
from localstack.waiting import until

ENDED = ("FINISHED", "CANCELED", "FAILED")
CANCEL_SECONDS = 30.0
SAVEPOINT_SECONDS = 120.0


class Job(NamedTuple):
    id: str
    name: str
    state: str


class FlinkJobs:
    """The jobs of the cluster whose REST interface listens on `port` of this machine."""

    def __init__(self, port: int) -> None:
        self._port = port

    def get(self, path: str) -> Any:
        """The answer of the REST interface to GET `path`. Raises ServerError when there is none."""
        try:
            return get_json(self._port, path)
        except HttpError as error:
            raise ServerError(
                f"Flink does not answer at port {self._port} ({error}); is it up? sluice up starts it"
            ) from error

    def task_managers(self) -> int:
        """How many have registered with the JobManager."""
        count: int = self.get("/overview")["taskmanagers"]
        return count

    def all(self) -> list[Job]:
        """The jobs that the cluster remembers, ended ones too, newest first."""
        found = sorted(self.get("/jobs/overview")["jobs"], key=lambda job: -job["start-time"])
        return [Job(job["jid"], job["name"], job["state"]) for job in found]

    def newest(self) -> dict[str, Job]:
        """By name, the job that was submitted last under it."""
        return {each.name: each for each in reversed(self.all())}

    def state(self, job_id: str) -> str:
        state: str = self.get(f"/jobs/{job_id}")["state"]
        return state

    def cancel(self, job_id: str) -> None:
        """Cancel a job and wait until it has ended; its last checkpoint stays."""
        try:
            request_json("PATCH", self._port, f"/jobs/{job_id}?mode=cancel")
        except HttpError as error:
            raise ServerError(f"job {job_id} cannot be cancelled: {error}") from error
        self.wait_for(job_id, ENDED, CANCEL_SECONDS)

    def stop(self, job_id: str) -> str:
        """Stop a job with a savepoint, and wait until it has ended; the savepoint's path."""
        try:
            request = request_json("POST", self._port, f"/jobs/{job_id}/stop", {"drain": False})["request-id"]
        except HttpError as error:
            raise ServerError(f"job {job_id} cannot be stopped: {error}") from error
        path = f"/jobs/{job_id}/savepoints/{request}"
        if not until(lambda: self.get(path)["status"]["id"] == "COMPLETED", SAVEPOINT_SECONDS):
            raise ServerError(f"job {job_id} has no savepoint after {SAVEPOINT_SECONDS:.0f} s: {self.trouble(job_id)}")
        found = self.get(path)["operation"]
        if "location" not in found:
            cause = innermost_cause(found["failure-cause"]["stack-trace"])
            raise ServerError(f"job {job_id} could not be stopped with a savepoint: {cause}")
        self.wait_for(job_id, ENDED, CANCEL_SECONDS)
        location: str = found["location"]
        return location

    def wait_running(self, job_id: str, seconds: float) -> None:
        """Wait until every task of the job runs. Raises ServerError when it ends or takes longer."""
        if not until(lambda: self._all_tasks_run(job_id), seconds):
            raise ServerError(f"job {job_id} does not run after {seconds:.0f} s: {self.trouble(job_id)}")

    def _all_tasks_run(self, job_id: str) -> bool:
        job = self.get(f"/jobs/{job_id}")
        if job["state"] in ENDED:
            raise ServerError(f"job {job['name']} is {job['state']}: {self.trouble(job_id)}")
        return all(vertex["status"] == "RUNNING" for vertex in job["vertices"])

    def wait_for(self, job_id: str, states: tuple[str, ...], seconds: float) -> str:
        """The state of the job once it is one of `states`. Raises ServerError when that takes longer."""
        if not until(lambda: self.state(job_id) in states, seconds):
            wanted = " or ".join(states)
            raise ServerError(f"job {job_id} is {self.state(job_id)}, not {wanted}, after {seconds:.0f} s")
        return self.state(job_id)

    def trouble(self, job_id: str) -> str:
        """The innermost cause of the job's latest failure, on one line."""
        entries = self.get(f"/jobs/{job_id}/exceptions")["exceptionHistory"]["entries"]
        return innermost_cause(entries[0]["stacktrace"]) if entries else "it has reported no failure"
