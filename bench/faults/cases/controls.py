"""Negative controls: with one safeguard taken away, the checks must see the damage."""

from __future__ import annotations

from itertools import islice

from bench.faults import actions
from bench.faults.case import Case
from bench.faults.cases.sinks import late_writes
from bench.faults.cases.state import skips_what_is_deleted
from bench.faults.stage import DECIDING, Proof, Stage
from sluice.kafka import BulkSender, read_all

REPEATS = 500
SETTLE_SECONDS = 180.0

DEDUP = (("row_number() over (partition by $key order by arrived_at)", "1"),)
# Batches are made large, so that much is in them when the job dies; with the guarantee they would be flushed first.
# Were they larger, a producer would have no room for one a partition, and wait.
GUARANTEE = (
    ("'sink.delivery-guarantee' = 'at-least-once'", "'sink.delivery-guarantee' = 'none'"),
    ("'properties.linger.ms' = '$linger_ms'", "'properties.linger.ms' = '60000'"),
    ("'properties.batch.size' = '262144'", "'properties.batch.size' = '2097152'"),
)


def _repeated_decisions(stage: Stage) -> Proof:
    """What the deciding job writes again after a restart, made certain."""
    stage.feed().finish()
    stage.house.settle(SETTLE_SECONDS)
    bootstrap, topic = stage.house.settings.kafka.bootstrap, stage.house.settings.kafka.topics.decisions
    sender, count = BulkSender(bootstrap), 0
    for record in islice(list(read_all(bootstrap, topic)), REPEATS):
        sender.send(topic, record.key, record.value, record.partition)
        count += 1
    sender.close()
    return lambda: {"decisions written again": count}


def _killed(stage: Stage) -> Proof:
    """What a checkpoint covers is still in the producers' buffers when they die, where the sinks guarantee nothing."""
    stage.wait_for_checkpoint(DECIDING, 0)
    covered, feed = stage.house.completed_checkpoints(DECIDING), stage.feed()
    feed.reach(0.5, lambda: stage.house.completed_checkpoints(DECIDING) >= covered + 2)
    killed = actions.replace_all_task_managers(stage)
    feed.finish()
    return lambda: {"processes killed": killed, "jobs restarted": stage.restarted_jobs()}


OLDEST = (("'scan.startup.mode' = 'group-offsets'", "'scan.startup.mode' = 'earliest-offset'"),)

CASES = (
    Case("repeated_decisions", "500 decisions stand in their topic twice", _repeated_decisions),
    Case(
        "control_dedup",
        "Control: the same, and the lake keeps repeats",
        _repeated_decisions,
        jobs=(DECIDING, "lake"),
        alone=True,
        must_fail=frozenset({"D3 lake decisions"}),
        alter={"lake": DEDUP},
    ),
    Case(
        "control_guarantee",
        "Control: a kill, and sinks that guarantee nothing",
        _killed,
        jobs=(DECIDING,),
        alone=True,
        must_fail=frozenset({"D1 one end each", "D2 decisions", "D4 money"}),
        alter={DECIDING: GUARANTEE},
    ),
    Case(
        "control_offsets",
        "Control: retention deletes what was not read, and the source begins at the oldest",
        skips_what_is_deleted,
        jobs=(DECIDING,),
        alone=True,
        judged=False,
        alter={DECIDING: OLDEST},
    ),
    Case(
        "control_conditions",
        "Control: old card states arrive late, without their condition",
        late_writes(conditional=False),
        jobs=(DECIDING, "hot_state"),
        alone=True,
        must_fail=frozenset({"D2 hot cards"}),
    ),
)
