"""What looks into running processes: the JDK's jcmd and jfr for a JVM, py-spy for Python."""

from __future__ import annotations

import shutil
import subprocess
import sys
from collections.abc import Iterable
from pathlib import Path

from sluice.errors import SluiceError

JDK_TOOLS = ("jcmd", "jfr")
RECORDING = "sluice-profile"
# Both kinds of samples at the same pace, so that their numbers can be compared; and at none that goes with the 5 ms of
# a batch, or each look would find it at the same point.
EVERY = "3ms"
EVENTS = ("jdk.ExecutionSample", "jdk.NativeMethodSample")
FRAMES = 64
LOOKS_A_SECOND = 97
COMMAND_SECONDS = 60.0
PY_SPY = Path(sys.executable).with_name("py-spy")


def check() -> None:
    """Raises SluiceError where this machine lacks what a profile needs."""
    if not Path("/proc/self/task").is_dir():
        raise SluiceError("a profile reads /proc, which only Linux has; sluice bench runs elsewhere too")
    missing = [name for name in JDK_TOOLS if shutil.which(name) is None]
    if missing:
        raise SluiceError(f"{' and '.join(missing)} missing on PATH: install a whole JDK 17, not its runtime only")
    if not PY_SPY.exists():
        raise SluiceError(f"{PY_SPY} is missing; run make setup")


def thread_dump(pid: int) -> str:
    return _output("jcmd", str(pid), "Thread.print")


def start_recording(pid: int, file: Path) -> None:
    """Have the JVM look at its threads until `stop_recording`, and write what it saw to `file`."""
    periods = [f"{event}#period={EVERY}" for event in EVENTS]
    told = f"filename={file.resolve()}"
    _output("jcmd", str(pid), "JFR.start", f"name={RECORDING}", "settings=profile", told, *periods)


def stop_recording(pid: int, file: Path) -> str:
    """What was seen, as text."""
    said = _output("jcmd", str(pid), "JFR.stop", f"name={RECORDING}")
    if not file.exists():  # jcmd ends well even where the JVM refused
        raise SluiceError(f"the JVM {pid} has written no {file}: {' '.join(said.split())}")
    return _output("jfr", "print", "--events", ",".join(EVENTS), "--stack-depth", str(FRAMES), str(file))


def _output(*command: str) -> str:
    words = " ".join(command[:3])
    try:
        done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=COMMAND_SECONDS)
    except subprocess.TimeoutExpired as error:
        raise SluiceError(
            f"{words} has not ended within {COMMAND_SECONDS:.0f} s; is the machine overloaded?"
        ) from error
    if done.returncode != 0:
        raise SluiceError(f"{words} failed: {' '.join((done.stderr or done.stdout).split())}")
    return done.stdout


def look_into_python(pids: Iterable[int], seconds: int, folder: Path) -> tuple[dict[int, str], str | None]:
    """What py-spy saw in each process, side by side; and what to do where it may not."""
    files = {pid: folder / f"python-{pid}.txt" for pid in pids}
    running = {pid: _py_spy(pid, seconds, file) for pid, file in files.items()}
    seen: dict[int, str] = {}
    trouble = None
    try:
        for pid, process in running.items():
            said = _last_words(process, seconds + COMMAND_SECONDS)
            if process.returncode == 0 and files[pid].exists():
                seen[pid] = files[pid].read_text(encoding="utf-8")
            else:
                trouble = remedy(said)
    finally:
        for process in running.values():
            process.kill()
    return seen, trouble


def _py_spy(pid: int, seconds: int, file: Path) -> subprocess.Popen[str]:
    """It halts the process at each look; where it does not, it finds frames that have ended long ago."""
    how = ("--threads", "--format", "raw", "--rate", str(LOOKS_A_SECOND))
    command = [str(PY_SPY), "record", "--pid", str(pid), "--duration", str(seconds), "--output", str(file), *how]
    pipe, nothing = subprocess.PIPE, subprocess.DEVNULL
    return subprocess.Popen(command, stdin=nothing, stdout=pipe, stderr=subprocess.STDOUT, text=True)


def _last_words(process: subprocess.Popen[str], seconds: float) -> str:
    try:
        return process.communicate(timeout=seconds)[0]
    except subprocess.TimeoutExpired:
        return f"it has not ended within {seconds:.0f} s"


def remedy(said: str) -> str:
    """One line for what py-spy said when it failed."""
    if "permission" in said.lower() or "not permitted" in said.lower():
        return (
            "py-spy may not look into other processes; `sudo sysctl kernel.yama.ptrace_scope=0` allows it until the "
            "next start of the machine. The part within Python is left out."
        )
    last = said.strip().splitlines()[-1:] or ["it said nothing"]
    return f"py-spy failed ({last[0].strip()}); the part within Python is left out."
