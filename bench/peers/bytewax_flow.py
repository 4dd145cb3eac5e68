"""The job as a Bytewax dataflow: a Python process a worker, state by token, snapshots for recovery."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import bytewax.operators as op
from bytewax.connectors.kafka import KafkaSink, KafkaSinkMessage, KafkaSource
from bytewax.dataflow import Dataflow

from bench.peers.ends import Ends
from bench.peers.velocity import flagged, prepare, reasons, recent


def step(before: list[int] | None, transaction: tuple[str, int, int]) -> tuple[list[int], Iterable[Any]]:
    """A card's state, and what is flagged: transaction id and reasons."""
    transaction_id, event_ms, amount_minor = transaction
    times = recent(before, event_ms)
    why = reasons(amount_minor, len(times))
    return times, [(transaction_id, why)] if why else ()


def message(found: tuple[str, tuple[str, list[str]]]) -> KafkaSinkMessage:
    token, (transaction_id, why) = found
    return KafkaSinkMessage(token.encode(), flagged(token, transaction_id, why))


def dataflow() -> Dataflow:
    ends = Ends.of_environment()
    token = ends.tokeniser()
    flow = Dataflow("velocity")
    read = op.input("read", flow, KafkaSource([ends.bootstrap], [ends.input]))
    keyed = op.flat_map_batch("prepare", read, lambda batch: prepare((each.value for each in batch), token))
    found = op.stateful_flat_map("velocity", keyed, step)
    # The sink flushes each batch, so waiting for more would gain nothing.
    sink = KafkaSink([ends.bootstrap], ends.output, {"linger.ms": 0})
    op.output("write", op.map("message", found, message), sink)
    return flow
