"""A soak: seeded faults at random times while transactions come in without a pause.

It goes in laps, each with topics and jobs of its own on servers that grow old together, so that each can be held
against the oracle as a whole. hot_state takes no part: LocalStack's DynamoDB does not keep up with the rate.
"""

from __future__ import annotations

import math
import time
from collections import Counter
from collections.abc import Callable, Iterable

from bench.faults import actions
from bench.faults.case import Case
from bench.faults.cases.sinks import PARTS
from bench.faults.injector import Fault, Rule
from bench.faults.stage import DECIDING, Proof, Stage

LAP_SECONDS = 180
RATE = 2_000
CARDS = 20_000
JOBS = (DECIDING, "fraud_patterns", "lake")
PAUSE_SECONDS = (8.0, 16.0)
AWAY_SECONDS = 6.0


def _unavailable_s3(stage: Stage) -> int:
    injector = stage.stack.proxy.injector
    before = injector.count(Fault.UNAVAILABLE)
    injector.follow(Rule(Fault.UNAVAILABLE, PARTS))
    time.sleep(AWAY_SECONDS)
    injector.follow()
    return injector.count(Fault.UNAVAILABLE) - before


def _absent_cloud(stage: Stage) -> int:
    with actions.paused_cloud(stage) as paused:
        time.sleep(AWAY_SECONDS)
    return paused


FAULTS: dict[str, Callable[[Stage], int]] = {
    "one TaskManager killed": actions.replace_one_task_manager,
    "all TaskManagers killed": actions.replace_all_task_managers,
    "JobManager killed": actions.replace_job_manager,
    "broker killed": actions.replace_broker,
    "S3 unavailable": _unavailable_s3,
    "cloud paused": _absent_cloud,
}


def _lap(seconds: int) -> Callable[[Stage], Proof]:
    def run(stage: Stage) -> Proof:
        hits: Counter[str] = Counter()
        feed = stage.feed(RATE * seconds, RATE, cards=CARDS)
        while feed.is_sending():
            time.sleep(stage.rng.uniform(*PAUSE_SECONDS))
            stage.keep_task_managers()
            name = stage.rng.choice(list(FAULTS))
            hits[name] += FAULTS[name](stage) > 0
        sent = feed.finish()
        return lambda: {"messages sent": sent, "faults": hits.total(), **{name: n for name, n in hits.items() if n}}

    return run


def laps(minutes: float) -> Iterable[Case]:
    """So many laps that they feed for `minutes`."""
    count = math.ceil(minutes * 60 / LAP_SECONDS)
    seconds = round(minutes * 60 / count)
    title = f"{seconds} s at {RATE:,}/s with faults at random times"
    return [Case(f"soak_{number}", title, _lap(seconds), JOBS, alone=True) for number in range(1, count + 1)]
