"""Starts child processes that may outlive us, knows them again later, and stops all that belongs to them.

Each child carries a mark in its environment, which its own children inherit. So a worker that has left its parent's
session, or has lost its parent, is still found; and a process that was given the number of a dead one is never touched.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import NamedTuple

import psutil

from localstack.errors import ServerError
from localstack.interrupts import postponed
from localstack.waiting import until

MARK = "SLUICE_LOCAL_PROCESS"
GRACE_SECONDS = 15.0
ORPHAN_SECONDS = 3.0
KILL_SECONDS = 10.0
# psutil derives a start time from the boot time, which moves a little when the clock is set.
SAME_START_SECONDS = 2.0
NICENESS = 10


class Recorded(NamedTuple):
    """A process as it stands in `processes.json`; `started` in seconds since 1970."""

    pid: int
    started: float
    log: str


class Processes:
    """The processes of one stack, whose state lies under `home`."""

    def __init__(self, home: Path) -> None:
        self._home = home.resolve()
        self._file = self._home / "processes.json"
        self._children: dict[str, subprocess.Popen[bytes]] = {}

    def start(
        self,
        name: str,
        command: Sequence[object],
        *,
        environment: Mapping[str, str] | None = None,
        folder: Path | None = None,
    ) -> Recorded:
        """Start `command` in a session of its own, its output appended to `logs/<name>.log`."""
        log = self._home / "logs" / f"{name}.log"
        log.parent.mkdir(parents=True, exist_ok=True)
        with postponed(), log.open("ab") as output:
            try:
                child = subprocess.Popen(
                    list(map(str, command)),
                    stdin=subprocess.DEVNULL,
                    stdout=output,
                    stderr=subprocess.STDOUT,
                    env={**(os.environ if environment is None else environment), MARK: self._mark(name)},
                    cwd=folder or self._home,
                    start_new_session=True,
                )
            except FileNotFoundError as error:
                raise ServerError(
                    f"{name} cannot start: {error.filename} is missing; sluice preflight says more"
                ) from error
            self._children[name] = child
            recorded = Recorded(child.pid, psutil.Process(child.pid).create_time(), str(log))
            self._write({**self._read(), name: recorded})
        return recorded

    def is_alive(self, name: str) -> bool:
        recorded = self._read().get(name)
        return recorded is not None and _runs(recorded)

    def names(self) -> list[str]:
        """The recorded processes of which anything is left, in the order of their start."""
        marks = _marks()
        return [name for name, each in self._read().items() if _runs(each) or self._mark(name) in marks.values()]

    def pid(self, name: str) -> int | None:
        recorded = self._read().get(name)
        return recorded.pid if recorded is not None and _runs(recorded) else None

    def log(self, name: str) -> Path:
        return self._home / "logs" / f"{name}.log"

    def wait(self, name: str, seconds: float) -> int:
        """The exit code of a process that was started here. Raises ServerError, and stops it, when it takes longer."""
        try:
            return self._children[name].wait(seconds)
        except subprocess.TimeoutExpired as error:
            message = f"{name} has not ended within {seconds:.0f} s; see {self.log(name)}"
            raise ServerError(message) from error
        finally:
            self.stop([name])

    def pids(self, *names: str) -> list[int]:
        """These processes and all their children, also those that left their session."""
        marks = {self._mark(name) for name in names}
        return [pid for pid, each in _marks().items() if each in marks]

    def signal(self, name: str, number: signal.Signals) -> int:
        """Send a signal to a process and all its children, to pause, resume or kill it; how many got it."""
        found = self.pids(name)
        for pid in found:
            with suppress(ProcessLookupError):
                os.kill(pid, number)
        return len(found)

    def let_yield(self, name: str) -> None:
        """Have a process and all its children give way to the others where processor time is short."""
        for pid in self.pids(name):
            with suppress(OSError):
                os.setpriority(os.PRIO_PROCESS, pid, NICENESS)
                # Linux shares the processor out to sessions first, and niceness counts within one only.
                Path(f"/proc/{pid}/autogroup").write_text(str(NICENESS), encoding="ascii")

    def stop(self, names: Iterable[str] | None = None) -> list[str]:
        """Stop these processes (all by default) and whatever they started; those of which something ran.

        Each is asked to end and given time for it; what it leaves behind is asked too, and killed in the end.
        """
        with postponed():
            records = self._read()
            wanted = records if names is None else {each: records[each] for each in names if each in records}
            running = [name for name in self.names() if name in wanted]
            for name in reversed(running):
                _send(wanted[name], signal.SIGTERM)
                # A paused process learns of it only once it goes on.
                self.signal(name, signal.SIGCONT)
            until(lambda: not any(_runs(wanted[name]) for name in running), GRACE_SECONDS)
            for number, seconds in ((signal.SIGTERM, ORPHAN_SECONDS), (signal.SIGKILL, KILL_SECONDS)):
                for name in running:
                    self.signal(name, number)
                until(lambda: not self._remain(running), seconds)
            self._write({name: each for name, each in self._read().items() if name not in wanted})
        return running

    def _remain(self, names: Iterable[str]) -> bool:
        for child in self._children.values():
            child.poll()
        found = set(_marks().values())
        return any(self._mark(name) in found for name in names)

    def _mark(self, name: str) -> str:
        return f"{self._home}:{name}"

    def _read(self) -> dict[str, Recorded]:
        if not self._file.exists():
            return {}
        return {name: Recorded(**each) for name, each in json.loads(self._file.read_text(encoding="utf-8")).items()}

    def _write(self, records: Mapping[str, Recorded]) -> None:
        self._home.mkdir(parents=True, exist_ok=True)
        text = json.dumps({name: each._asdict() for name, each in records.items()}, indent=1)
        draft = self._file.with_suffix(".draft")
        draft.write_text(text, encoding="utf-8")
        draft.replace(self._file)


def _runs(recorded: Recorded) -> bool:
    try:
        process = psutil.Process(recorded.pid)
        same = abs(process.create_time() - recorded.started) < SAME_START_SECONDS
        return same and process.status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


def _marks() -> dict[int, str]:
    """The marks of all living processes that carry one, by process id."""
    found = {}
    for process in psutil.process_iter():
        try:
            mark = process.environ().get(MARK)
            if mark is not None and process.status() != psutil.STATUS_ZOMBIE:
                found[process.pid] = mark
        except (psutil.NoSuchProcess, psutil.AccessDenied, OSError):
            continue
    return found


def _send(recorded: Recorded, number: signal.Signals) -> None:
    if _runs(recorded):
        with suppress(ProcessLookupError):
            os.kill(recorded.pid, number)
