"""The lake's decided transactions into the topic from which state is built."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory

import duckdb

from contracts import reader
from jobs.fraud_detection import bootstrap
from jobs.warehouse_load import lake_files
from sluice import kafka
from sluice.bootstrap import lake
from sluice.bootstrap.watch import Watch
from sluice.errors import SluiceError
from sluice.keys import vault
from sluice.keys.sources import told
from sluice.settings import Kafka, Settings
from udfs import gate
from udfs.gated_again import GatedAgain
from udfs.times import clock_ms, iso_ms


def send(settings: Settings, ends: Mapping[int, int], watch: Watch) -> int:
    """Send what was decided of the raw topic before `ends`, an offset for each partition, each to its own partition.

    Returns how many; raises SluiceError when there is nothing, or the lake can't be read.
    """
    contract, values = reader.load("transactions"), settings.fraud_detection.gate
    limits = gate.bounds(contract, values.max_message_bytes, values.max_age_days)
    since = lake.since_ms(_next_ms(settings.kafka, ends), limits)
    lake.check_retention(settings, since, limits, datetime.now(UTC).date())
    files = lake.paths(lake_files.on_s3(settings.aws, settings.lake), since, limits)
    if not files:
        raise SluiceError(f"the lake holds no decision since {iso_ms(since)}; there is nothing to build state from")
    with told():
        entities = bootstrap.entities(settings.fraud_detection)
        again, done = GatedAgain(contract, reader.currencies(), vault.linking(settings), entities), 0
    sender = kafka.BulkSender(settings.kafka.bootstrap)
    with TemporaryDirectory() as folder, duckdb.connect(str(Path(folder) / "decided.duckdb")) as connection:
        connection.execute("set TimeZone = 'UTC'")
        lake_files.let_read(connection, settings.aws)
        total = lake.collect(connection, files, again.columns, ends, since)
        for batch in lake.batches(connection):
            partitions = batch["source_partition"].to_pylist()
            for partition, record in zip(partitions, again.pack(batch), strict=True):
                sender.send(settings.kafka.topics.bootstrap, None, record, partition)
            done += len(partitions)
            watch.advance(done, total)
    sender.close()
    if not done:
        raise SluiceError("the lake holds no decision on what has been read; there is nothing to build state from")
    return done


def _next_ms(values: Kafka, ends: Mapping[int, int]) -> int:
    """The oldest append time among the messages that come next, in ms since 1970."""
    found = [kafka.append_time(values.bootstrap, values.topics.transactions, *each) for each in ends.items()]
    return min([clock_ms(), *(each for each in found if each is not None)])
