"""A server without room can't write, nor can its children, and both can again afterwards."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from bench.faults.resources import full_disk, resident_mib
from localstack.processes import Processes
from localstack.waiting import until

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="takes Linux's limits")

# An empty file takes no room, so the writer can still say what it sees.
WRITER = """
import pathlib, sys, time
while True:
    try:
        pathlib.Path(sys.argv[1]).write_text("x")
        pathlib.Path(sys.argv[1] + "-refused").unlink(missing_ok=True)
    except OSError:
        pathlib.Path(sys.argv[1] + "-refused").touch()
    time.sleep(0.02)
"""
PARENT = """
import subprocess, sys, time
subprocess.Popen([sys.executable, "-c", sys.argv[1], "child"])
while not __import__("os").path.exists("grandchild-please"):
    time.sleep(0.02)
subprocess.run([sys.executable, "-c", sys.argv[1], "late"])
"""
SECONDS = 10.0


@pytest.fixture
def processes(tmp_path: Path) -> Iterator[Processes]:
    started = Processes(tmp_path)
    yield started
    started.stop()


def _is_refused(folder: Path, name: str) -> bool:
    return until((folder / f"{name}-refused").exists, SECONDS)


def _writes(folder: Path, name: str) -> bool:
    file, refused = folder / name, folder / f"{name}-refused"
    return until(lambda: not refused.exists() and file.exists() and file.read_text() == "x", SECONDS)


def test_a_full_disk_takes_no_write_until_there_is_room_again(processes: Processes, tmp_path: Path) -> None:
    processes.start("writer", [sys.executable, "-c", WRITER, "own"])
    processes.start("parent", [sys.executable, "-c", PARENT, WRITER])
    processes.start("other", [sys.executable, "-c", WRITER, "other"])
    assert all(_writes(tmp_path, name) for name in ("own", "child", "other"))
    with full_disk(processes, "writer", "parent") as limited:
        assert limited == 3
        (tmp_path / "grandchild-please").touch()
        assert all(_is_refused(tmp_path, name) for name in ("own", "child", "late"))
        assert _writes(tmp_path, "other")
    assert all(_writes(tmp_path, name) for name in ("own", "child", "late"))


def test_memory_is_that_of_a_server_with_its_children(processes: Processes) -> None:
    holder = "import time; held = b'x' * (64 << 20); print('held', flush=True); time.sleep(600)"
    processes.start("holder", ["sh", "-c", f'{sys.executable} -c "{holder}" & wait'])
    assert until(lambda: "held" in processes.log("holder").read_text(), SECONDS)
    assert 64 <= resident_mib(processes, "holder") < 128
