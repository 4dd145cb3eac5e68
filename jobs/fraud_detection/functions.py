"""The pure logic of `udfs` as the calls that the kernel's Python steps make, see `udfs/batches.py`."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cache
from pathlib import Path
from typing import Any

from contracts import reader
from sluice.keys import sources
from sluice.settings import Aws, FraudDetection, Keys, Topics, Vault
from udfs import batches, decide, gate
from udfs.alone import Alone
from udfs.facts import GATED
from udfs.flood import FloodGuard
from udfs.keys.keeper import Keeper
from udfs.keys.ring import KeysError
from udfs.keys.sealed import Sealer
from udfs.keys.tokens import Tokens
from udfs.rules import file as rules_file
from udfs.rules.log import RuleLog
from udfs.times import clock_ms

_PROBLEM = GATED.index("problem") - 1  # the facts, which stand first, are no column
HOLD_SECONDS = 5.0
"""A call waits so long for keys; then the job fails and Flink starts it again, so that it can be stopped meanwhile."""


def open_gate(topics: dict[str, Any], aws: dict[str, Any], job: dict[str, Any], vault: dict[str, Any]) -> batches.Call:
    """(value, partition, offset, ingested) to packed records of facts.GATED; the arguments are sections of settings."""
    names, section = Topics(**topics), FraudDetection(**job)
    limits = section.gate
    contract = reader.load("transactions")
    bounds = gate.bounds(contract, limits.max_message_bytes, limits.max_age_days)
    rules = RuleLog(rules_file.load(section.rules))
    alone = Alone(rules, decide.Topics(names.transactions, names.decisions, names.duplicates, names.quarantine))
    aside = gate.Aside(names.token_vault, alone)
    keys = open_keys(limits.keys, Vault(**vault), Aws(**aws))
    opened = gate.Gate(contract, bounds, reader.currencies(), keys, aside, rules.entities)
    guard = FloodGuard(limits.most_bad_percent, limits.bad_over_records)
    topic = names.transactions

    def call(count: int, value: bytes, partition: bytes, offset: bytes, ingested: bytes) -> bytes:
        columns = (batches.numbers(each).tolist() for each in (partition, offset, ingested))
        records = gate.Records(topic, batches.values(value, count), *columns)
        gated = opened.pass_through(records, clock_ms)
        guard.look(gated.columns[_PROBLEM])
        return batches.answer(gated)

    return call


def open_keys(keys: Keys, vault: Vault, aws: Aws) -> Callable[[int], gate.Keys | None]:
    """What the gate asks for keys: when they can't be had, it is an error or None, as is set for the flow."""
    source, sealing = sources.token_keys(keys, aws), sources.vault_keys(keys, vault, aws)
    sealer = cache(lambda: Sealer(sealing.data_key()))

    def read() -> gate.Keys:
        return gate.Keys(Tokens(source.read()), sealer())

    keeper = Keeper(read, keys.refresh_seconds, keys.lease_seconds, clock_ms)
    keeper.at(0)
    if keys.when_down == "open":
        return keeper.at

    def hold(newest_ms: int) -> gate.Keys:
        found = keeper.wait(newest_ms, HOLD_SECONDS)
        if found is None:
            raise KeysError(
                f"no decision for {HOLD_SECONDS:.0f} s, since the token keys are away and "
                f"fraud_detection.gate.keys.when_down is hold; the job tries on: {keeper.trouble or 'no answer yet'}"
            )
        return found

    return hold


def open_decider(topics: Sequence[str], rules: str) -> batches.Call:
    """The columns of decide.Batch to packed records of decide.DECIDED; `topics` as in decide.Topics."""
    log = RuleLog(rules_file.load(Path(rules)))
    decider = decide.Decider(log, decide.Topics(*topics))

    def call(count: int, gated: bytes, earlier: bytes, *profiles: bytes) -> bytes:
        known = [batches.present(each, count) for each in profiles]
        batch = decide.Batch(batches.present(gated, count), batches.values(earlier, count), known)
        return batches.answer(decider.decide(batch, clock_ms()))

    return call
