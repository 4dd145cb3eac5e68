"""Drain throughput: how fast a system works off a topic that was filled before it started."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass

from bench.memory import Peak
from bench.peers.house import House
from bench.peers.oracle import Answer, Oracle, check
from bench.peers.outputs import Outputs, Topic
from bench.peers.systems import Running, System
from bench.peers.traffic import messages
from localstack.errors import ServerError
from sluice.kafka import BulkSender
from udfs.times import clock_ms

INPUT = "velocity"
LOOK_SECONDS = 1.0
STALLED_SECONDS = 90.0


@dataclass(frozen=True)
class Work:
    """A filled topic, and the answers that are due."""

    topic: str
    transactions: int
    expected: set[Answer]


@dataclass(frozen=True)
class Drained:
    """One run. Rates count from the first answer that Kafka got to the last, start-up until the first."""

    system: str
    events_per_second: int
    second_half: int
    startup_seconds: float
    wall_seconds: float
    peak_mib: int
    repeats: int

    def as_json(self) -> dict[str, object]:
        return asdict(self)


def fill(house: House, transactions: int, cards: int) -> Work:
    """Send generated traffic as fast as it goes, and find out the right answer on the way."""
    house.create_topic(INPUT)
    oracle = Oracle(house.key_file)
    sender = BulkSender(house.bootstrap)
    started = time.monotonic()
    with house.console.status("") as status:
        for number, (key, value) in enumerate(messages(transactions, cards, seed=1)):
            if number % 100_000 == 0:
                status.update(f"filling {INPUT}: {number:,} of {transactions:,}")
            oracle.take(value)
            sender.send(INPUT, key, value)
        sender.close()
    seconds = time.monotonic() - started
    due = f"{len(oracle.answers):,} of them to be flagged"
    house.console.print(f"  filled {INPUT} with {transactions:,} transactions, {due}, in {seconds:.0f} s")
    return Work(INPUT, transactions, oracle.answers)


def rates(appended_ms: Sequence[int], transactions: int) -> tuple[int, int]:
    """Transactions a second, over all and in the second half, by when the answers came.

    What is flagged is spread evenly over the input, so half of the answers stand for half of the work.
    """
    times = sorted(appended_ms)
    whole = max(times[-1] - times[0], 1)
    half = max(times[-1] - times[len(times) // 2], 1)
    return round(transactions * 1_000 / whole), round(transactions * 1_000 / 2 / half)


def collect(house: House, system: System, running: Running, outputs: Outputs, due: int) -> None:
    """Read until so many answers are there. Raises ServerError when none comes for long, or the system has ended."""
    last_growth = time.monotonic()
    with house.console.status(f"{system.title} …") as status:
        while len(outputs.appended_ms) < due:
            if outputs.take(LOOK_SECONDS):
                last_growth = time.monotonic()
            running.check()
            status.update(f"{system.title}: {len(outputs.appended_ms):,} of {due:,} answers")
            if time.monotonic() - last_growth > STALLED_SECONDS:
                logs = house.stack.home / "logs"
                raise ServerError(
                    f"{system.title} stands at {len(outputs.appended_ms):,} of {due:,} answers; see {logs}"
                )


def drain(house: House, system: System, work: Work, output: str) -> Drained:
    """Let a system work off the topic. Raises WrongAnswerError unless its answer is the right one."""
    ends = house.ends(work.topic, output)
    topic = Topic(house.bootstrap, output, house.settings.kafka.partitions)
    outputs = Outputs(topic)
    try:
        system.prepare(house, ends)
        started_ms = clock_ms()
        with (
            system.running(house, ends) as running,
            Peak(lambda: house.stack.processes.pids(*running.processes)) as peak,
        ):
            collect(house, system, running, outputs, len(work.expected))
        outputs.take(LOOK_SECONDS)  # what came beside the right answers, up to the end
    finally:
        topic.close()
        system.release(house)
    check(system.title, work.expected, set(outputs.appended_ms))
    times = list(outputs.appended_ms.values())
    whole, second_half = rates(times, work.transactions)
    return Drained(
        system=system.key,
        events_per_second=whole,
        second_half=second_half,
        startup_seconds=round((min(times) - started_ms) / 1_000, 1),
        wall_seconds=round((max(times) - started_ms) / 1_000, 1),
        peak_mib=round(peak.mib),
        repeats=outputs.repeats,
    )
