"""`sluice up` leaves either everything running or nothing."""

from __future__ import annotations

import signal
import subprocess
import sys
from pathlib import Path

import pytest

from localstack.ports import on_free_ports
from localstack.processes import Processes
from localstack.waiting import until
from sluice.cli import INTERRUPTED
from sluice.settings import Settings, dump

SLUICE = [sys.executable, "-c", "from sluice.cli import main; main()"]


@pytest.mark.servers
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_interrupting_up_leaves_no_process(tmp_path: Path, number: signal.Signals) -> None:
    file = dump(on_free_ports(Settings(), tmp_path / "home"), tmp_path / "sluice.yaml")
    processes = Processes(tmp_path / "home")
    up = subprocess.Popen([*SLUICE, "up", "--settings", str(file)], start_new_session=True)
    try:
        assert until(lambda: "kafka" in processes.names() or up.poll() is not None, 120)
        up.send_signal(number)
        assert up.wait(120) == INTERRUPTED
        assert processes.names() == []
    finally:
        up.kill()
        processes.stop()


def test_down_with_nothing_running_says_so(tmp_path: Path) -> None:
    file = dump(on_free_ports(Settings(), tmp_path / "home"), tmp_path / "sluice.yaml")
    done = subprocess.run([*SLUICE, "down", "--settings", str(file)], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (0, "Nothing was running.\n")


def test_a_wrong_setting_is_one_line_without_a_traceback(tmp_path: Path) -> None:
    missing = tmp_path / "missing.yaml"
    done = subprocess.run([*SLUICE, "up", "--settings", str(missing)], capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert done.stderr.startswith(f"sluice: settings file {missing} does not exist")
    assert done.stderr.count("\n") == 1
