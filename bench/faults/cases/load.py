"""More than usual: cards, a backlog, a store that is slow. Memory stays bounded, and nothing is lost."""

from __future__ import annotations

import time

from bench.faults import actions
from bench.faults.case import Case
from bench.faults.cases.sinks import WRITES
from bench.faults.feed import Feed
from bench.faults.injector import Fault, Rule
from bench.faults.resources import resident_mib
from bench.faults.stage import CARDS, DECIDING, Proof, Stage
from sluice.errors import SluiceError

SETTLE_SECONDS = 180.0
MANY_CARDS = 10 * CARDS
TRANSACTIONS_OF_MANY = 30_000
BACKLOG = 60_000
FOR_A_SLOW_STORE = 5_000
FULL_SPEED = 30_000
DAY_HOURS = 24.0
SAMPLE_SECONDS = 1.0


class Memory:
    """The most that a TaskManager and its Python workers have held, and whether it is within the configured size."""

    def __init__(self, stage: Stage) -> None:
        self._stage = stage
        self.most_mib = 0
        self.bound_mib = _mib(stage.stack.settings.local.task_manager_memory)

    def watch(self, feed: Feed) -> None:
        """Look again and again while `feed` sends. Raises SluiceError past the bound."""
        while feed.is_sending():
            self.look()
            time.sleep(SAMPLE_SECONDS)
        self.look()

    def look(self) -> None:
        for name in self._stage.stack.flink.task_manager_names:
            self.most_mib = max(self.most_mib, resident_mib(self._stage.stack.processes, name))
        if self.most_mib > self.bound_mib:
            raise SluiceError(f"a TaskManager holds {self.most_mib:,} MiB; it is to hold {self.bound_mib:,} at most")


def _mib(size: str) -> int:
    """A size as the settings write it, such as 3g or 512m."""
    return int(size[:-1]) * {"m": 1, "g": 1024}[size[-1]]


def _state_kib(stage: Stage) -> int:
    latest = stage.house.checkpoints(DECIDING)["latest"]["completed"]
    return int(latest["state_size"]) // 1024


def _ten_times_the_cards(stage: Stage) -> Proof:
    memory, before = Memory(stage), _state_kib(stage)
    feed = stage.feed(TRANSACTIONS_OF_MANY, cards=MANY_CARDS)
    memory.watch(feed)
    sent = feed.finish()

    def proof() -> dict[str, int]:
        memory.look()
        return {
            "messages": sent,
            "KiB of state more": _state_kib(stage) - before,
            f"MiB of the {memory.bound_mib:,} that a TaskManager may hold": memory.most_mib,
        }

    return proof


def _backlog(stage: Stage) -> Proof:
    """A day of event time, decided in a minute: by its arrival, each card would seem to be used far too often."""
    stage.feed().finish()
    stage.house.settle(SETTLE_SECONDS)
    with actions.standing_still(stage):
        stage.feed(BACKLOG, FULL_SPEED, hours=DAY_HOURS).finish()
        waiting = stage.uncovered()
    began = time.monotonic()
    stage.house.settle(SETTLE_SECONDS)
    seconds = round(time.monotonic() - began)
    return lambda: {
        "messages that waited": waiting,
        "hours of event time": round(DAY_HOURS),
        "s to decide and carry them": seconds,
    }


def _slow_store(stage: Stage) -> Proof:
    memory, injector = Memory(stage), stage.stack.proxy.injector
    injector.follow(Rule(Fault.SLOWED, WRITES))
    feed = stage.feed(FOR_A_SLOW_STORE)
    memory.watch(feed)
    feed.finish()
    behind = stage.house.open_messages("hot_state")
    return lambda: {
        f"requests {Fault.SLOWED.value}": injector.count(Fault.SLOWED),
        "messages behind meanwhile": behind,
        f"MiB of the {memory.bound_mib:,} that a TaskManager may hold": memory.most_mib,
    }


CASES = (
    Case("ten_times_the_cards", f"{MANY_CARDS:,} cards instead of {CARDS:,}", _ten_times_the_cards),
    Case(
        "backlog",
        "A day's transactions wait for the deciding job, and are decided at full speed",
        _backlog,
        jobs=(DECIDING, "lake"),
        alone=True,
    ),
    Case("slow_store", "DynamoDB takes a second for each write", _slow_store),
)
