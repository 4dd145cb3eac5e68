"""The pure logic of `udfs` as the calls that the kernel's Python steps make, see `udfs/batches.py`."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from udfs import batches, decide, gate
from udfs.facts import GATED
from udfs.flood import FloodGuard
from udfs.rules import file as rules_file
from udfs.rules.log import RuleLog
from udfs.times import clock_ms

_PROBLEM = GATED.index("problem") - 1  # the facts, which stand first, are no column


def open_gate(
    topic: str,
    key_file: str,
    max_message_bytes: int,
    max_age_days: int | None,
    most_bad_percent: float,
    bad_over_records: int,
) -> batches.Call:
    """(value, partition, offset, ingested) to packed records of facts.GATED. Raises KeyFileError."""
    opened = gate.open_gate(Path(key_file), max_message_bytes, max_age_days)
    guard = FloodGuard(most_bad_percent, bad_over_records)

    def call(count: int, value: bytes, partition: bytes, offset: bytes, ingested: bytes) -> bytes:
        columns = (batches.numbers(each).tolist() for each in (partition, offset, ingested))
        records = gate.Records(topic, batches.values(value, count), *columns)
        gated = opened.pass_through(records, clock_ms)
        guard.look(gated.columns[_PROBLEM])
        return batches.answer(gated)

    return call


def open_decider(topics: Sequence[str], rules: str) -> batches.Call:
    """The columns of decide.Batch to packed records of decide.DECIDED; `topics` as in decide.Topics."""
    log = RuleLog(rules_file.load(Path(rules)))
    decider = decide.Decider(log, decide.Topics(*topics))

    def call(count: int, gated: bytes, earlier: bytes, profile: bytes) -> bytes:
        packed, profiles = batches.present(gated, count), batches.present(profile, count)
        batch = decide.Batch(packed, batches.values(earlier, count), profiles)
        return batches.answer(decider.decide(batch, clock_ms()))

    return call
