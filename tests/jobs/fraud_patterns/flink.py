"""The job's topology on a local Flink, fed with decisions."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import orjson
from pyflink.table import StreamTableEnvironment

from contracts import reader
from jobs.fraud_patterns import functions, main
from sluice import flink_ddl, streaming_job
from sluice.settings import PROJECT_ROOT, FraudPatterns
from tests.oracle.patterns import Use
from tests.udfs.split import split
from udfs.times import iso_ms

JARS = ";".join(
    file.as_uri() for kind in ("kernel", "flink") for file in sorted((PROJECT_ROOT / "build/jars" / kind).glob("*.jar"))
)


def environment(values: FraudPatterns | None = None) -> StreamTableEnvironment:
    """As the job is configured, but that the first failure shows."""
    created = streaming_job.environment()
    main.configure(created, values or FraudPatterns())
    created.get_config().set("pipeline.jars", JARS)
    created.get_config().set("restart-strategy.type", "none")
    return created


def decision(card: str, use: Use) -> dict[str, Any]:
    """As it stands in its topic, with what the job looks at."""
    partition, offset = use.at
    return {
        "decision_id": f"d-{partition}-{offset}",
        "transaction_id": f"t-{partition}-{offset}",
        "customer_id": f"c-{card}",
        "card_token": card,
        "event_time": iso_ms(use.ms),
        "ingested_at": iso_ms(use.ms),
        "amount_minor": use.usd,
        "currency": "USD",
        "amount_usd_minor": use.usd,
        "merchant_id": "m-1",
        "terminal_id": "p-1",
        "country": use.country,
        "channel": use.channel,
        "outcome": use.outcome,
        "source_partition": partition,
        "source_offset": offset,
    }


def found(decisions: Iterable[dict[str, Any]], folder: Path, values: FraudPatterns | None = None) -> list[Any]:
    """The alerts on `decisions`, which arrive in their order."""
    file = folder / "decisions"
    file.write_bytes(b"\n".join(map(orjson.dumps, decisions)))
    table_env = environment(values)
    columns = flink_ddl.columns(reader.load("decisions").fields)
    table_env.execute_sql(
        f"create temporary table decisions ({columns}) with ('connector' = 'filesystem', "
        f"'path' = '{file.as_uri()}', 'format' = 'json', 'json.timestamp-format.standard' = 'ISO-8601')"
    )
    table_env.execute_sql("create temporary table alerts (`key` bytes, `value` bytes) with ('connector' = 'blackhole')")
    main.find(table_env, values or FraudPatterns())
    with table_env.execute_sql("select alerted from alerted").collect() as rows:
        return list(_alerts(bytes(record) for (record,) in rows))


def _alerts(records: Iterable[bytes]) -> Iterator[Any]:
    for record in records:
        alert = split(record, functions.ALERTED)["alert"]
        if alert:
            yield orjson.loads(alert)
