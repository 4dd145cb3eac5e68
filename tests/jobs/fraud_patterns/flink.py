"""The job's topology on a local Flink, fed with decisions and events of customers."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import orjson
from pyflink.table import StreamTableEnvironment

from contracts import reader
from jobs.fraud_patterns import functions, main
from sluice import flink_ddl, streaming_job
from sluice.settings import PROJECT_ROOT, FraudPatterns, Settings
from tests.oracle.patterns import Act, Use
from tests.udfs.split import split
from udfs.times import iso_ms

JARS = ";".join(
    file.as_uri() for kind in ("kernel", "flink") for file in sorted((PROJECT_ROOT / "build/jars" / kind).glob("*.jar"))
)
RAW = "content bytes, `partition` int not null, `offset` bigint not null, appended_at timestamp_ltz(3) not null"
"""A raw topic, as `raw_topics.sql` has it; its bytes stand in a file as base64."""


def environment(values: FraudPatterns | None = None) -> StreamTableEnvironment:
    """As the job is configured, but that the first failure shows."""
    created = streaming_job.environment()
    main.configure(created, values or FraudPatterns())
    created.get_config().set("pipeline.jars", JARS)
    created.get_config().set("restart-strategy.type", "none")
    return created


def decision(card: str, use: Use, terminal: str = "p-1", customer: str | None = None) -> dict[str, Any]:
    """As it stands in its topic, with what the job looks at, and its place there."""
    partition, offset = use.at
    return {
        "decision_id": f"d-{partition}-{offset}",
        "transaction_id": f"t-{partition}-{offset}",
        "customer_id": customer or f"c-{card}",
        "card_token": card,
        "event_time": iso_ms(use.ms),
        "ingested_at": iso_ms(use.ms),
        "amount_minor": use.usd,
        "currency": "USD",
        "amount_usd_minor": use.usd,
        "merchant_id": "m-1",
        "terminal_id": terminal,
        "country": use.country,
        "channel": use.channel,
        "outcome": use.outcome,
        "source_partition": partition,
        "source_offset": offset,
        "decisions_partition": 0,
        "decisions_offset": offset,
    }


def event(customer: str, act: Act) -> dict[str, Any]:
    """As the job passes it on."""
    return {
        "event_id": act.id,
        "customer_id": customer,
        "event_time": iso_ms(act.ms),
        "kind": act.kind,
        "ingested_at": iso_ms(act.ms),
    }


def found(decisions: Sequence[dict[str, Any]], folder: Path, activity: Sequence[Mapping[str, Any]] = ()) -> list[Any]:
    """The alerts on `decisions`, which arrive in their order, at cards and at terminals.

    `activity` are events of customers and decisions on transfers, as the customers' topic has them.
    """
    table_env = environment()
    lay(table_env, folder, decisions, activity, ())
    main.find(table_env, Settings())
    with table_env.execute_sql("select alerted from alerted").collect() as rows:
        return list(_alerts(bytes(record) for (record,) in rows))


def lay(
    table_env: StreamTableEnvironment,
    folder: Path,
    decisions: Sequence[dict[str, Any]],
    activity: Iterable[Mapping[str, Any]],
    events: Iterable[Mapping[str, Any]],
) -> None:
    """The tables that the job reads and the one that it writes; `events` are raw messages, with their places."""
    used = (each for each in decisions if each["channel"] in {"pos", "atm"})
    places = "decisions_partition bigint, decisions_offset bigint"
    of_decisions = f"{flink_ddl.columns(reader.load('decisions').fields)}, {places}"
    _lay(table_env, folder / "decisions", of_decisions, decisions)
    for name, rows in (("terminal_uses", used), ("customer_activity", activity)):
        _lay(table_env, folder / name, flink_ddl.columns(reader.load(name).fields), rows)
    _lay(table_env, folder / "customer_events", RAW, events)
    table_env.execute_sql(
        "create temporary table outputs (topic string, `key` bytes, `value` bytes) with ('connector' = 'blackhole')"
    )


def _lay(table_env: StreamTableEnvironment, file: Path, columns: str, rows: Iterable[Mapping[str, Any]]) -> None:
    """`rows` as the table that is called as `file`."""
    file.write_bytes(b"\n".join(map(orjson.dumps, rows)))
    table_env.execute_sql(
        f"create temporary table {file.name} ({columns}) with ('connector' = 'filesystem', "
        f"'path' = '{file.as_uri()}', 'format' = 'json', 'json.timestamp-format.standard' = 'ISO-8601')"
    )


def _alerts(records: Iterable[bytes]) -> Iterator[Any]:
    for record in records:
        alert = split(record, functions.ALERTED)["alert"]
        if alert:
            yield orjson.loads(alert)
