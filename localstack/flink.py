"""A Flink cluster of separate JobManager and TaskManager processes, and the submission of jobs to it."""

from __future__ import annotations

import re
from pathlib import Path

from localstack.errors import ServerError
from localstack.flink_home import FlinkHome, distribution
from localstack.flink_jobs import FlinkJobs
from localstack.java_traces import innermost_cause
from localstack.processes import Processes
from sluice.settings import PROJECT_ROOT, Settings

JOB_MANAGER = "jobmanager"
PYTHON_WORKER = "pyflink.fn_execution.beam.beam_boot"  # what a TaskManager's Python processes run
SUBMIT_SECONDS = 300.0
# The client lives for seconds: without the optimising compiler it takes half the processor time (9 s, not 17 s).
SHORT_LIVED_JVM = "-XX:TieredStopAtLevel=1 -XX:+UseSerialGC"
# What Flink advises where it finds state that the job has no operator for.
UNKNOWN_STATE = "allowNonRestoredState"
SUBMITTED = re.compile(r"Job has been submitted with JobID ([0-9a-f]{32})")


class FlinkCluster:
    """Keeps checkpoints, savepoints and logs when it is stopped; jobs have to be submitted again."""

    title = "Flink"
    ready_seconds = 240.0

    def __init__(self, settings: Settings, processes: Processes) -> None:
        self._settings = settings
        self._processes = processes
        self._home = FlinkHome(settings)
        self.jobs = FlinkJobs(settings.local.flink_port)

    @property
    def task_manager_names(self) -> tuple[str, ...]:
        return tuple(f"taskmanager-{number}" for number in range(1, self._settings.local.task_managers + 1))

    @property
    def process_names(self) -> tuple[str, ...]:
        return (JOB_MANAGER, *self.task_manager_names)

    @property
    def ports(self) -> dict[str, int]:
        local = self._settings.local
        metrics = {} if local.metrics_port is None else {"local.metrics_port": local.metrics_port}
        return {"local.flink_port": local.flink_port, **metrics}

    def launch(self) -> None:
        if not self._processes.is_alive(JOB_MANAGER):
            self._processes.stop(self.task_manager_names)
            self._home.lay_out()
            self._start(JOB_MANAGER, "jobmanager.sh")
        self.start_missing_task_managers()

    def start_missing_task_managers(self) -> list[str]:
        """Start the TaskManagers that have died, as a cluster's manager would; their names."""
        missing = [name for name in self.task_manager_names if not self._processes.is_alive(name)]
        if missing:
            # What a killed one has left, such as Python workers, goes first.
            self._processes.stop(missing)
        for name in missing:
            self._start(name, "taskmanager.sh")
        return missing

    def start_missing_job_manager(self) -> bool:
        """Start the JobManager if it has died, under the address by which the TaskManagers know it; whether it had."""
        if self._processes.is_alive(JOB_MANAGER):
            return False
        self._processes.stop([JOB_MANAGER])
        self._start(JOB_MANAGER, "jobmanager.sh")
        return True

    def _start(self, name: str, script: str) -> None:
        command = ["bash", distribution() / "bin" / script, "start-foreground"]
        self._processes.start(name, command, environment=self._home.environment())

    def is_ready(self) -> bool:
        """Whether every TaskManager has registered with the JobManager."""
        try:
            return self.jobs.task_managers() >= self._settings.local.task_managers
        except ServerError:
            return False

    def submit(
        self, job: Path, settings_file: Path, restore_from: str | None = None, *, drop_unknown_state: bool = False
    ) -> str:
        """Submit `job` (a main.py below the project) with `flink run -py`; the job's id.

        `restore_from` is the path of a savepoint or retained checkpoint whose state and position it takes over. State
        in it that the job has no operator for makes Flink refuse the start, unless `drop_unknown_state`.

        Raises ServerError with the client's last meaningful words, and names its log.
        """
        script = job if job.is_absolute() else PROJECT_ROOT / job
        if not script.exists():
            raise ServerError(f"there is no job in {script}")
        state = () if restore_from is None else ("-s", restore_from, *(["-n"] if drop_unknown_state else []))
        name = job.parent.name
        try:
            return self.run(name, *state, "-py", script, "--settings", settings_file.resolve())
        except ServerError as error:
            if UNKNOWN_STATE not in str(error):
                raise
            raise ServerError(
                f"{name} has no operator for some state in {restore_from}: sluice check-upgrade {name} {restore_from} "
                "names it, and with --drop-unknown-state the job starts without it"
            ) from error

    def run(self, job: str, *arguments: object) -> str:
        """Submit what `arguments` of `flink run` name, a Python job or one in a jar; the job's id.

        `job` is a name for messages and the log. Raises ServerError.
        """
        name = f"submit-{job}"
        log = self._processes.log(name)
        log.unlink(missing_ok=True)
        command = ["bash", distribution() / "bin/flink", "run", "-d", *arguments]
        environment = {**self._home.environment(), "JVM_ARGS": SHORT_LIVED_JVM}
        self._processes.start(name, command, environment=environment, folder=PROJECT_ROOT)
        code = self._processes.wait(name, SUBMIT_SECONDS)
        output = log.read_text(encoding="utf-8", errors="replace")
        found = SUBMITTED.search(output)
        if code != 0 or found is None:
            raise ServerError(f"{job} could not be submitted: {innermost_cause(output)} (all of it in {log})")
        return found.group(1)
