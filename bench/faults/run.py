"""Runs cases one after the other: break, heal, wait until all is carried, then judge.

A case that is alone in its house is judged while the next one begins.
"""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from random import Random

from rich.console import Console
from rich.markup import escape

from bench.faults import altered
from bench.faults.case import Case
from bench.faults.cluster import FaultStack, servers
from bench.faults.judging import Judging
from bench.faults.stage import Stage
from bench.proof import judge, leaks
from bench.proof.checks import Check
from bench.proof.found import gather
from bench.proof.house import House, running
from sluice.errors import SluiceError
from sluice.flink_jobs import named
from udfs.times import clock_ms

SETTLE_SECONDS = 300.0
ENDED = "TaskManagers that ended by themselves"
MOST_RECORDS = 45_000
"""So many in a log, and the next case begins with empty topics: reading it all again would take longer than that."""


@dataclass
class Result:
    """`proof` counts what happened. `trouble` is what ended the case early. `judging` goes on until `finish`."""

    case: Case
    seconds: float = 0.0
    messages: int = 0
    proof: dict[str, int] = field(default_factory=dict)
    checks: list[Check] = field(default_factory=list)
    trouble: str | None = None
    judging: Judging | None = None

    def finish(self) -> Result:
        """With the checks that were still going on."""
        judging, self.judging = self.judging, None
        if judging is not None:
            try:
                self.checks += judging.checks()
            except SluiceError as error:
                self.trouble = str(error)
        return self

    @property
    def unproven(self) -> list[str]:
        return [name for name, count in self.proof.items() if count <= 0]

    @property
    def failed(self) -> list[Check]:
        return [each for each in self.checks if not each.passed]

    @property
    def passed(self) -> bool:
        """A negative control passes when the checks have seen what is wrong, and every other when none has."""
        if self.trouble or self.unproven or not self.proof:
            return False
        return self.case.must_fail <= {each.name for each in self.failed} if self.case.must_fail else not self.failed


@dataclass
class _Tenancy:
    """The house that runs now, and what it was made for."""

    house: House
    jobs: tuple[str, ...]
    planted: set[str] = field(default_factory=set)
    spoiled: bool = False


class Runner:
    """One run of several cases on `stack`, all driven by one seed."""

    def __init__(self, stack: FaultStack, seed: int, console: Console) -> None:
        self._stack, self._seed, self._console = stack, seed, console
        self._exit = ExitStack()
        self._tenancy: _Tenancy | None = None
        self._houses = 0

    def close(self) -> None:
        """Cancel the jobs that run; a job that can't be cancelled any more is left behind."""
        self._tenancy = None
        left, self._exit = self._exit, ExitStack()
        try:
            left.close()
        except SluiceError as error:
            self._console.print(f"  [yellow]{escape(str(error))}[/]")

    def run(self, case: Case) -> Result:
        started = time.monotonic()
        result = Result(case)
        self._stack.proxy.injector.counts.clear()
        try:
            tenancy = self._house_for(case)
            rng = Random(f"{self._seed} {case.name}")  # noqa: S311 - reproducible, no secret
            stage = Stage(self._stack, tenancy.house, rng, tenancy.planted)
            with self._console.status(f"{case.name}: {case.title} …"):
                proof = case.run(stage)
                if case.judged:
                    self._judge(stage, result)
                result.proof = proof() | ({ENDED: stage.ended} if stage.ended else {})
                if not case.alone:
                    result.finish()
            tenancy.spoiled = not case.alone and not result.passed
        except Exception as error:  # noqa: BLE001 - whatever it is, this case has failed and the next ones shall run
            known = isinstance(error, (SluiceError, AssertionError))
            result.trouble = str(error) if known else f"{type(error).__name__}: {error}"
            self._stack.heal()
        if result.trouble or case.alone or (self._tenancy is not None and self._tenancy.spoiled):
            self.close()
        result.seconds = time.monotonic() - started
        return result

    def _house_for(self, case: Case) -> _Tenancy:
        now = self._tenancy
        if now is None or case.alone or now.jobs != case.jobs or now.house.count("transactions") > MOST_RECORDS:
            self.close()
            self._houses += 1
            name = f"house-{self._houses}"
            mains = altered.programs(case.alter, self._stack.home / name)
            with self._console.status(f"{case.name}: submitting {', '.join(case.jobs)} …"):
                jobs = [named(job) for job in case.jobs]
                entered = running(self._stack, name, jobs, base=self._stack.seen_by_jobs, mains=mains)
                self._tenancy = now = _Tenancy(self._exit.enter_context(entered), case.jobs)
        return now

    def _judge(self, stage: Stage, result: Result) -> None:
        """D5 first: everything is carried, and a checkpoint of each job was begun after that was healed."""
        stage.stack.proxy.injector.follow()
        healed_ms, began = clock_ms(), time.monotonic()
        house = stage.house
        house.settle(SETTLE_SECONDS, stage.keep_task_managers)
        for job in house.ids:
            stage.wait_for_checkpoint(job, healed_ms)
        result.checks.append(Check("D5 caught up", passed=True, words=f"after {time.monotonic() - began:.0f} s"))
        found = gather(house)
        result.messages = len(found.log)
        token = judge.tokeniser(house.settings.fraud_detection.gate.keys.file)
        written = leaks.written_by_flink(house.settings.local.home)
        result.judging = Judging(found, token, frozenset(stage.planted), written)


@contextmanager
def _runner(seed: int, console: Console) -> Iterator[Runner]:
    with servers(seed, console) as stack:
        runner = Runner(stack, seed, console)
        try:
            yield runner
        finally:
            runner.close()


def run(cases: Iterable[Case], seed: int, console: Console) -> Iterator[Result]:
    """Each case's result as soon as it is known, in their order."""
    with _runner(seed, console) as runner:
        judged_meanwhile: Result | None = None
        for case in cases:
            result = runner.run(case)
            if judged_meanwhile is not None:
                yield judged_meanwhile.finish()
            judged_meanwhile = result if result.judging else None
            if not result.judging:
                yield result
        if judged_meanwhile is not None:
            yield judged_meanwhile.finish()
