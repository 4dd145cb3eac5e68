"""Stores that refuse, break off or are away, between the jobs and what they write."""

from __future__ import annotations

from collections.abc import Callable

from bench.faults import actions
from bench.faults.case import Case
from bench.faults.injector import Fault, Rule
from bench.faults.stage import Proof, Stage
from localstack.waiting import until
from sluice.errors import SluiceError

WRITES = frozenset({"dynamodb:BatchWriteItem", "dynamodb:TransactWriteItems"})
BATCHES = frozenset({"dynamodb:BatchWriteItem"})
PARTS = frozenset({"s3:UploadPart", "s3:PutObject"})
COMMITS = frozenset({"s3:CompleteMultipartUpload"})
HITS = 20
HIT_SECONDS = 90.0
LATE_WRITES = 5


def _until_hit(stage: Stage, fault: Fault, hits: int) -> None:
    injector = stage.stack.proxy.injector
    if not until(lambda: injector.count(fault) >= hits, HIT_SECONDS):
        raise SluiceError(f"only {injector.count(fault)} of {hits} requests were {fault.value}")


def _injected(stage: Stage, fault: Fault) -> dict[str, int]:
    return {f"requests {fault.value}": stage.stack.proxy.injector.count(fault)}


def _throttled(share: float, hits: int) -> Case:
    def run(stage: Stage) -> Proof:
        stage.stack.proxy.injector.follow(Rule(Fault.THROTTLED, WRITES, share))
        feed = stage.feed()
        _until_hit(stage, Fault.THROTTLED, hits)
        behind = stage.house.open_messages("hot_state")
        feed.finish()
        return lambda: {**_injected(stage, Fault.THROTTLED), "messages behind meanwhile": behind}

    return Case(f"throttled_{share * 100:.0f}", f"DynamoDB refuses {share:.0%} of all writes for a while", run)


def _unprocessed(stage: Stage) -> Proof:
    stage.stack.proxy.injector.follow(Rule(Fault.UNPROCESSED, BATCHES, 0.5))
    feed = stage.feed()
    _until_hit(stage, Fault.UNPROCESSED, HITS)
    feed.finish()
    return lambda: _injected(stage, Fault.UNPROCESSED)


def late_writes(*, conditional: bool) -> Callable[[Stage], Proof]:
    """The first writes of card states come again at the end, with their condition or without."""

    def run(stage: Stage) -> Proof:
        stage.stack.proxy.keep_card_writes(LATE_WRITES)
        stage.feed().finish()
        stage.house.settle(HIT_SECONDS * 2)
        repeated = stage.stack.proxy.repeat_card_writes(conditional=conditional)
        return lambda: {"old writes that came again, after newer ones": repeated}

    return run


def _unavailable(stage: Stage) -> Proof:
    stage.stack.proxy.injector.follow(Rule(Fault.UNAVAILABLE, PARTS, after=3))
    feed = stage.feed()
    _until_hit(stage, Fault.UNAVAILABLE, HITS)
    feed.finish()
    return lambda: _injected(stage, Fault.UNAVAILABLE)


def _killed_at_commit(fault: Fault, name: str, title: str) -> Case:
    """The checkpoint is complete and the lake asks S3 to show its files; then every TaskManager dies."""

    def run(stage: Stage) -> Proof:
        proxy = stage.stack.proxy
        feed = stage.feed_to_the_middle(0.3)
        proxy.hold()
        proxy.injector.follow(Rule(fault, COMMITS))
        _until_hit(stage, fault, 1)
        killed = stage.kill(*stage.stack.flink.task_manager_names)
        proxy.injector.follow()
        proxy.release()
        stage.bring_back_task_managers()
        feed.finish()
        return lambda: {
            f"commits {fault.value}": proxy.injector.count(fault),
            "processes killed": killed,
            "lake restarted": int(stage.house.restarted("lake", stage.began_ms)),
        }

    return Case(name, title, run)


def _paused(stage: Stage) -> Proof:
    stage.feed(2_000).finish()
    with actions.paused_cloud(stage) as paused:
        stage.feed(6_000).finish()
        if not until(lambda: stage.uncovered() == 0, HIT_SECONDS):
            raise SluiceError(f"{stage.uncovered()} transactions wait for a cloud that is away")
        behind = {f"messages behind in {job}": stage.house.open_messages(job) for job in ("hot_state", "lake")}
    return lambda: {"processes paused": paused, **behind}


CASES = (
    _throttled(0.3, HITS),
    _throttled(1.0, 2 * HITS),
    Case("unprocessed", "DynamoDB hands back items of half of the batches", _unprocessed),
    Case("late_writes", "Writes of old card states arrive after newer ones", late_writes(conditional=True)),
    Case("s3_unavailable", "S3 answers 503 in mid-upload", _unavailable),
    _killed_at_commit(Fault.HELD_BACK, "killed_before_commit", "All TaskManagers die before S3 gets the lake's commit"),
    _killed_at_commit(Fault.UNANSWERED, "killed_after_commit", "All TaskManagers die before the lake learns of it"),
    Case("cloud_paused", "LocalStack stands still; no decision waits for it", _paused),
)
