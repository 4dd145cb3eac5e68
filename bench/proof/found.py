"""Everything that the jobs have left, read back."""

from __future__ import annotations

from dataclasses import dataclass

import orjson

from bench.proof import judge, places
from bench.proof.house import House
from bench.proof.judge import Facts
from sluice import aws
from sluice.kafka import Record

IDS = {
    "decisions": "decision_id",
    "quarantine": "quarantine_id",
    "duplicates": "duplicate_id",
    "alerts": "alert_id",
    "episodes": "version_id",
    "enriched_decisions": "decision_id",
}


@dataclass
class Found:
    """Everything that the jobs have left; `tables` and `parquet` are None where no job has written them.

    Where patterns were looked for, which raise alerts too, `at_terminals` is the order of `terminal_uses`. `gathered`
    says whether alerts were gathered to episodes, `enriched` whether decisions were enriched.
    """

    log: list[Record]
    topics: dict[str, list[Facts]]
    parquet: dict[str, list[Facts]] | None
    tables: dict[str, list[Facts]] | None
    at_terminals: list[judge.At] | None
    gathered: bool
    enriched: bool

    def once(self, topic: str) -> list[Facts]:
        """The values of an at-least-once topic, each id once."""
        return list({row[IDS[topic]]: row for row in self.topics[topic]}.values())


def gather(house: House) -> Found:
    """Read what is there now."""
    hot = house.settings.hot_state
    names = {"cards": hot.cards_table, "transactions": hot.transactions_table, "alerts": hot.alerts_table}
    client = aws.dynamodb(house.settings.aws)
    return Found(
        log=house.read("transactions"),
        topics={topic: [orjson.loads(record.value) for record in house.read(topic)] for topic in IDS},
        parquet=places.parquet(house.settings) if "lake" in house.ids else None,
        tables={each: places.items(client, table) for each, table in names.items()}
        if "hot_state" in house.ids
        else None,
        at_terminals=house.at_terminals() if "fraud_patterns" in house.ids else None,
        gathered="alert_episodes" in house.ids,
        enriched="enrichment" in house.ids,
    )
