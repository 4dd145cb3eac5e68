"""What is said when a process may not be looked into, and that a look into one of our own succeeds."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from bench.profile import samplers
from bench.profile.python_steps import stacks
from sluice.errors import SluiceError

DENIED = """Permission Denied: Try running again with elevated permissions by going 'sudo env "PATH=$PATH" !!'"""
BUSY = "import threading\ndef spin():\n    while True: sum(range(1000))\nthreading.Thread(target=spin).start()\nprint()"
SCOPE = Path("/proc/sys/kernel/yama/ptrace_scope")
GUARDED = os.geteuid() != 0 and SCOPE.exists() and SCOPE.read_text(encoding="ascii").strip() != "0"


def test_a_refusal_is_answered_with_what_to_do() -> None:
    assert "ptrace_scope=0" in samplers.remedy(DENIED)
    assert "(Error: no such process)" in samplers.remedy("py-spy> Sampling\nError: no such process\n")
    assert "it said nothing" in samplers.remedy("")


def test_a_missing_tool_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("shutil.which", lambda name: None if name == "jfr" else name)
    with pytest.raises(SluiceError, match="jfr missing on PATH: install a whole JDK"):
        samplers.check()


@pytest.mark.skipif(GUARDED, reason="this machine lets no process look into another")
def test_a_process_that_is_gone_leaves_the_others(tmp_path: Path) -> None:
    with subprocess.Popen([sys.executable, "-uc", BUSY], stdout=subprocess.PIPE) as busy:
        try:
            assert busy.stdout is not None
            assert busy.stdout.readline() == b"\n"
            seen, trouble = samplers.look_into_python([busy.pid, 2**22 - 1], 1, tmp_path)
        finally:
            busy.kill()
    assert trouble is not None
    assert set(seen) == {busy.pid}
    assert any(each.frames[-1].startswith("Thread._bootstrap") for each in stacks(seen[busy.pid]))
