"""Processes are known again, stopped with all that belongs to them, and never mistaken for others."""

from __future__ import annotations

import json
import os
import signal
import sys
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from localstack import processes as module
from localstack.errors import ServerError
from localstack.processes import Processes
from localstack.waiting import until

SLEEPER = (sys.executable, "-c", "import time; time.sleep(600)")
DEAF = (
    sys.executable,
    "-c",
    "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); print('deaf', flush=True); time.sleep(600)",
)
LEAVE_THE_SESSION = """
import subprocess, sys, time
child = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"], start_new_session=True)
print(child.pid, flush=True)
time.sleep(600)
"""
PARENT = (sys.executable, "-c", LEAVE_THE_SESSION)


@pytest.fixture
def processes(tmp_path: Path) -> Iterator[Processes]:
    started = Processes(tmp_path)
    yield started
    started.stop()


def _printed(processes: Processes, name: str) -> str:
    assert until(lambda: processes.log(name).read_text().endswith("\n"), 10)
    return processes.log(name).read_text().strip()


def test_another_run_knows_and_stops_what_this_one_has_started(processes: Processes, tmp_path: Path) -> None:
    pid = processes.start("sleeper", SLEEPER).pid
    later = Processes(tmp_path)
    assert later.is_alive("sleeper")
    assert later.pid("sleeper") == pid
    assert later.stop() == ["sleeper"]
    assert not processes.is_alive("sleeper")
    assert later.stop() == []


def test_only_the_named_ones_are_stopped(processes: Processes) -> None:
    processes.start("one", SLEEPER)
    processes.start("two", SLEEPER)
    assert processes.stop(["one", "never-started"]) == ["one"]
    assert processes.names() == ["two"]


def test_a_child_that_left_the_session_is_stopped_too(processes: Processes) -> None:
    processes.start("parent", PARENT)
    child = int(_printed(processes, "parent"))
    assert psutil.pid_exists(child)
    processes.stop()
    assert not _lives(child)


def test_a_process_that_yields_does_so_with_its_children(processes: Processes) -> None:
    pid = processes.start("parent", PARENT).pid
    child = int(_printed(processes, "parent"))
    processes.let_yield("parent")
    assert [psutil.Process(each).nice() for each in (pid, child, os.getpid())] == [module.NICENESS] * 2 + [os.nice(0)]


def test_what_a_killed_process_leaves_behind_is_found(processes: Processes) -> None:
    pid = processes.start("parent", PARENT).pid
    child = int(_printed(processes, "parent"))
    os.kill(pid, signal.SIGKILL)
    assert until(lambda: not processes.is_alive("parent"), 10)
    assert _lives(child)
    assert processes.stop() == ["parent"]
    assert not _lives(child)


def test_who_ignores_the_request_is_killed(processes: Processes, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "GRACE_SECONDS", 0.2)
    monkeypatch.setattr(module, "ORPHAN_SECONDS", 0.2)
    pid = processes.start("deaf", DEAF).pid
    assert _printed(processes, "deaf") == "deaf"
    processes.stop()
    assert not _lives(pid)


def test_a_paused_process_can_be_resumed_and_stopped(processes: Processes) -> None:
    pid = processes.start("sleeper", SLEEPER).pid
    assert processes.signal("sleeper", signal.SIGSTOP) == 1
    assert until(lambda: psutil.Process(pid).status() == psutil.STATUS_STOPPED, 10)
    assert processes.stop() == ["sleeper"]


def test_a_process_that_was_given_a_dead_ones_number_is_left_alone(tmp_path: Path) -> None:
    record = {"pid": os.getpid(), "started": psutil.Process().create_time() - 3600, "log": "old.log"}
    (tmp_path / "processes.json").write_text(json.dumps({"old": record}))
    processes = Processes(tmp_path)
    assert not processes.is_alive("old")
    assert processes.stop() == []


def test_a_missing_program_is_reported_with_a_remedy(processes: Processes) -> None:
    with pytest.raises(ServerError, match="ghost cannot start: no-such-program is missing; sluice preflight says more"):
        processes.start("ghost", ["no-such-program"])
    assert processes.names() == []


def test_waiting_gives_the_exit_code_and_takes_the_record_away(processes: Processes) -> None:
    processes.start("short", [sys.executable, "-c", "raise SystemExit(3)"])
    assert processes.wait("short", 30) == 3
    assert processes.names() == []


def _lives(pid: int) -> bool:
    return psutil.pid_exists(pid) and psutil.Process(pid).status() != psutil.STATUS_ZOMBIE
