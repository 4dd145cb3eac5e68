"""Watches the topics while the demo runs: how much came out, and how quickly alerts did."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field

import kafka
import numpy as np
import orjson

from sluice.settings import Settings
from udfs.times import parse_ms


@dataclass
class Observer:
    """Reads alerts as they appear; `latencies_ms` is Kafka's append time of an alert minus that of its transaction."""

    settings: Settings
    latencies_ms: list[int] = field(default_factory=list)
    rules: Counter[str] = field(default_factory=Counter)
    last_text: str = ""

    def __post_init__(self) -> None:
        kafka_, topics = self.settings.kafka, self.settings.kafka.topics
        self._consumer = kafka.KafkaConsumer(
            topics.alerts, bootstrap_servers=kafka_.bootstrap, auto_offset_reset="latest", enable_auto_commit=False
        )
        self._consumer.poll(timeout_ms=2_000)  # finds its place, so that nothing sent from now on is missed
        self._partitions = {
            name: [kafka.TopicPartition(topic, number) for number in self._consumer.partitions_for_topic(topic) or ()]
            for name, topic in topics.model_dump().items()
        }

    def look(self) -> None:
        """Take in the alerts that have come since the last look."""
        for messages in self._consumer.poll(timeout_ms=0, max_records=2_000).values():
            for message in messages:
                alert = orjson.loads(message.value)
                self.latencies_ms.append(message.timestamp - (parse_ms(alert["ingested_at"]) or 0))
                self.rules.update(alert["rules"])
                self.last_text = f"{alert['outcome'].upper()} {alert['text']}"

    def percentiles(self) -> tuple[float, float] | None:
        """p50 and p99 in ms, or None before the first alert."""
        if not self.latencies_ms:
            return None
        p50, p99 = np.percentile(self.latencies_ms, [50, 99])
        return float(p50), float(p99)

    def counts(self) -> dict[str, int]:
        """Messages in each topic, by the topic's name in the settings."""
        ends = self._consumer.end_offsets([each for found in self._partitions.values() for each in found])
        return {name: sum(ends[each] for each in found) for name, found in self._partitions.items()}

    def close(self) -> None:
        self._consumer.close()
