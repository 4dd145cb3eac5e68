"""Latency at a fixed rate: from the append of a transaction to the append of its answer, both by Kafka's clock."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np
import orjson

from bench.latency import percentiles
from bench.peers.drain import LOOK_SECONDS, collect
from bench.peers.house import House
from bench.peers.oracle import Oracle, check
from bench.peers.outputs import Outputs, Topic
from bench.peers.systems import System
from bench.peers.traffic import messages
from sluice.feed.pace import paced
from sluice.kafka import BulkSender
from udfs.times import clock_ms

FIRST = 2_000  # sent at once; the clock starts when the first of their answers is there


def _send(house: House, topic: str, some: Iterable[tuple[bytes, bytes]], oracle: Oracle) -> None:
    sender = BulkSender(house.bootstrap, linger_ms=1)
    for key, value in some:
        oracle.take(value)
        sender.send(topic, key, value)
    sender.close()


def _appended_ms(topic: Topic, count: int) -> dict[str, int]:
    """When each of `count` transactions was appended, by id."""
    found: dict[str, int] = {}
    while len(found) < count:
        found |= {orjson.loads(value)["transaction_id"]: at_ms for at_ms, value in topic.read(LOOK_SECONDS)}
    return found


def measure(house: House, system: System, rate: int, warm_up: int, seconds: int, cards: int) -> dict[str, Any]:
    """Percentiles in ms over `seconds` at `rate` transactions a second, after `warm_up` seconds at the same rate.

    Raises WrongAnswerError unless all answers, those of the warm-up too, are the right ones.
    """
    source, output = f"live-{system.key}", f"live-{system.key}-flagged"
    house.create_topic(source)
    ends, oracle = house.ends(source, output), Oracle(house.key_file)
    count = FIRST + rate * (warm_up + seconds)
    traffic = list(messages(count, cards, seed=2))
    inputs, topic = (Topic(house.bootstrap, name, house.settings.kafka.partitions) for name in (source, output))
    outputs = Outputs(topic)
    try:
        system.prepare(house, ends)
        with system.running(house, ends) as running:
            _send(house, source, traffic[:FIRST], oracle)
            collect(house, system, running, outputs, len(oracle.answers))
            with house.console.status(f"{system.title}: {rate:,}/s for {warm_up} s to warm up, then {seconds} s …"):
                _send(house, source, paced(traffic[FIRST : FIRST + rate * warm_up], rate), oracle)
                since_ms = clock_ms()
                _send(house, source, paced(traffic[FIRST + rate * warm_up :], rate), oracle)
            collect(house, system, running, outputs, len(oracle.answers))
        outputs.take(LOOK_SECONDS)
        sent_ms = _appended_ms(inputs, count)
    finally:
        inputs.close()
        topic.close()
        system.release(house)
    check(system.title, oracle.answers, set(outputs.appended_ms))
    pairs = ((sent_ms[each.transaction_id], at_ms) for each, at_ms in outputs.appended_ms.items())
    waited = np.array([at_ms - sent for sent, at_ms in pairs if sent >= since_ms], dtype=np.int64)
    return {"system": system.key, "seconds": seconds, "answers": len(waited), **percentiles(waited)}
