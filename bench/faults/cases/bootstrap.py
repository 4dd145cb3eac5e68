"""What a job remembers, built anew from what it has decided."""

from __future__ import annotations

from collections.abc import Iterable

import orjson

from bench.faults.case import Case
from bench.faults.stage import DECIDING, RATE, Proof, Stage
from sluice.bootstrap.steps import Bootstrap

REPEATED = 500


class _Nobody:
    """Looks on."""

    def begin(self, words: str) -> None: ...

    def advance(self, done: int, total: int) -> None: ...

    def keep(self, words: str) -> None: ...


def _bootstrapped(stage: Stage) -> Proof:
    """More of the same cards, and repeats of what was decided, come in meanwhile and afterwards."""
    house = stage.house
    sent: list[tuple[bytes, bytes]] = []

    def noted(messages: Iterable[tuple[bytes, bytes]]) -> list[tuple[bytes, bytes]]:
        sent.extend(messages)
        return sent

    feed = stage.feed(rate=RATE // 10, change=noted)
    feed.reach(0.25, lambda: house.decided() > 0)
    built = Bootstrap(stage.stack.flink, house.settings, house.file, _Nobody()).run()
    house.ids[DECIDING] = built.job_id
    came = house.count("transactions") - sum(built.ends.values())
    feed.finish()
    house.send(sent[:REPEATED])

    def recognised() -> int:
        """Repeats of what was decided before that came afterwards."""
        rows = [orjson.loads(record.value) for record in house.read("duplicates")]
        ends = built.ends
        return sum(
            row["first_offset"] < ends[row["first_partition"]] and row["source_offset"] >= ends[row["source_partition"]]
            for row in rows
        )

    return lambda: {
        "transactions that the new state holds": built.transactions,
        "messages that came meanwhile": came,
        "repeats that it knows": recognised(),
    }


CASES = (Case("bootstrapped", "fraud_detection with state built from the lake, while it is fed", _bootstrapped),)
