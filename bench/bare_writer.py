"""What DynamoDB takes from boto3's own batch writer, of the very items that hot_state writes."""

from __future__ import annotations

import time
from collections.abc import Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from itertools import islice

from boto3.dynamodb.table import BatchWriter

from sluice import aws
from sluice.kafka import read_all
from sluice.settings import HotState, Settings
from udfs.hot_bundle import HotBundle
from udfs.hot_items import Put, Tables
from udfs.quarantine import Source


class _Collector:
    """Takes the place of a writer, and keeps what it is given."""

    def __init__(self) -> None:
        self.bundles: list[list[Put]] = []

    def write(self, puts: Iterable[Put]) -> Mapping[int, str]:
        self.bundles.append(list(puts))
        return {}


def _bundles(settings: Settings, messages: int) -> list[list[Put]]:
    """The items of so many decisions, in bundles as the job makes them."""
    hot, topic = settings.hot_state, settings.kafka.topics.decisions
    tables = Tables(hot.cards_table, hot.transactions_table, hot.alerts_table, hot.transaction_ttl_days, 1)
    collector = _Collector()
    bundle = HotBundle(topic, settings.kafka.topics.alerts, tables, collector)
    records = list(islice(read_all(settings.kafka.bootstrap, topic), messages))
    for start in range(0, len(records), hot.bundle_size):
        part = records[start : start + hot.bundle_size]
        bundle.write([(each.value, Source(topic, each.partition, each.offset, each.timestamp_ms)) for each in part])
    return collector.bundles


def _write(settings: Settings, puts: list[Put], hot: HotState) -> None:
    """Without conditions. The items are in DynamoDB's own form already, which spares the writer to translate them."""
    client = aws.dynamodb(settings.aws, hot.writers)

    def write_part(number: int) -> None:
        for table in (hot.cards_table, hot.transactions_table):
            with BatchWriter(table, client) as writer:
                for put in puts[number :: hot.writers]:
                    if put.table == table:
                        writer.put_item(put.item)

    with ThreadPoolExecutor(hot.writers) as pool:
        list(pool.map(write_part, range(hot.writers)))


def rate(settings: Settings, messages: int) -> int:
    """Decisions a second, of the first `messages` that stand in the topic, with as many writers as the job has."""
    bundles = _bundles(settings, messages)
    started = time.monotonic()
    for puts in bundles:
        _write(settings, puts, settings.hot_state)
    return round(messages / (time.monotonic() - started))
