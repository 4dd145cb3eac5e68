"""Ingest→alert latency at a fixed rate, with every job running, and what each hop takes of it."""

from __future__ import annotations

import time
from typing import Any

import numpy as np
import numpy.typing as npt
import orjson
from rich.console import Console

from bench.day import day
from sluice.feed.pace import paced
from sluice.kafka import BulkSender, Record, read_all
from sluice.settings import Settings
from udfs.times import parse_ms

SHARES = (50, 99, 99.9)


def send_paced(settings: Settings, rate: int, seconds: int, console: Console) -> int:
    """`rate` messages a second, evenly in bursts of 5 ms; how many were sent."""
    sender = BulkSender(settings.kafka.bootstrap, linger_ms=1)
    messages = [(each.key, each.value) for each in day(rate * seconds, seed=2)]
    begin = time.monotonic()
    with console.status(f"sending {rate:,}/s for {seconds} s …"):
        for key, value in paced(messages, rate):
            sender.send(settings.kafka.topics.transactions, key, value)
    sender.close()
    late = time.monotonic() - begin - seconds
    console.print(f"  sent {len(messages):,} in {seconds + late:.1f} s")
    return len(messages)


def percentiles(values: npt.NDArray[np.int64]) -> dict[str, float]:
    """By name; nothing has none."""
    if not len(values):
        return {f"p{share:g}": float("nan") for share in SHARES}
    return {f"p{share:g}": round(float(np.percentile(values, share)), 1) for share in SHARES}


def _since(records: list[Record], since_ms: int) -> list[tuple[int, dict[str, Any]]]:
    """Append time and content of the messages whose transaction came in after `since_ms`."""
    values = ((record.timestamp_ms, orjson.loads(record.value)) for record in records)
    return [(at, value) for at, value in values if (parse_ms(value["ingested_at"]) or 0) >= since_ms]


def _waited(values: list[tuple[int, dict[str, Any]]]) -> npt.NDArray[np.int64]:
    """From the append of each transaction, a pattern's last one, to the append of what came of it, in ms."""
    return np.array([at - (parse_ms(value["ingested_at"]) or 0) for at, value in values])


def measure(settings: Settings, since_ms: int) -> dict[str, Any]:
    """Latencies in ms, by Kafka's clock, of transactions ingested since then; the first seconds are warm-up."""
    topics, bootstrap = settings.kafka.topics, settings.kafka.bootstrap
    alerts = _since(list(read_all(bootstrap, topics.alerts)), since_ms)
    decisions = _since(list(read_all(bootstrap, topics.decisions)), since_ms)
    hops = {
        name: np.array([value["latency_ms"][name] for _, value in decisions]) for name in ("gate", "history", "decide")
    }
    whole = _waited(decisions)
    of_patterns = [each for each in alerts if each[1].get("transactions")]
    of_rules = [each for each in alerts if not each[1].get("transactions")]
    return {
        "alerts": len(of_rules),
        "pattern_alerts": len(of_patterns),
        "decisions": len(decisions),
        "ingest_to_alert_ms": percentiles(_waited(of_rules)),
        "ingest_to_pattern_alert_ms": percentiles(_waited(of_patterns)),
        "ingest_to_decision_ms": percentiles(whole),
        "by_hop_ms": {name: percentiles(each) for name, each in hops.items()}
        | {"write": percentiles(whole - sum(hops.values()))},
    }
