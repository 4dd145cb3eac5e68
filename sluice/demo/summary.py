"""What came of the demo, read back from every place that data went to."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import duckdb
import orjson

from jobs.warehouse_load import lake_files
from sluice import aws, lake_rows, warehouse
from sluice.demo.observer import Observer
from sluice.demo.story import Story
from sluice.evaluation import evaluate, fired
from sluice.kafka import read_all
from sluice.lake_layout import KINDS
from sluice.settings import Settings

Values = dict[str, Any]


def _values(settings: Settings, topic: str) -> list[Values]:
    return [orjson.loads(record.value) for record in read_all(settings.kafka.bootstrap, topic)]


def _by_id(rows: Iterable[Values], key: str) -> list[Values]:
    """Each once: topics are written at least once."""
    return list({row[key]: row for row in rows}.values())


def dispositions(settings: Settings) -> Values:
    """How each record of the raw topic ended; `in` is the sum of the other three, or the demo has failed."""
    topics = settings.kafka.topics
    decisions = _by_id(_values(settings, topics.decisions), "decision_id")
    quarantine = _by_id(_values(settings, topics.quarantine), "quarantine_id")
    duplicates = _by_id(_values(settings, topics.duplicates), "duplicate_id")
    return {
        "in": sum(1 for _ in read_all(settings.kafka.bootstrap, topics.transactions)),
        "valid": len(decisions),
        "quarantined": len(quarantine),
        "duplicate": len(duplicates),
        "quarantined_by_reason": dict(Counter(row["reason"] for row in quarantine).most_common()),
        "outcomes": dict(Counter(row["outcome"] for row in decisions).most_common()),
    }


def _count(connection: duckdb.DuckDBPyConnection, relation: str) -> int:
    return int(connection.sql(f"select count(*) from {relation}").fetchall()[0][0])  # noqa: S608 - our own names


def rows(settings: Settings) -> dict[str, dict[str, int]]:
    """Rows in DynamoDB, in the lake's files and in DuckDB."""
    dynamodb = aws.dynamodb(settings.aws)
    tables = (settings.hot_state.cards_table, settings.hot_state.transactions_table, settings.hot_state.alerts_table)
    pages = dynamodb.get_paginator("scan")
    counts = {name: sum(page["Count"] for page in pages.paginate(TableName=name, Select="COUNT")) for name in tables}
    with warehouse.opened(settings.warehouse.database) as connection:
        lake_files.let_read(connection, settings.aws)
        paths = lake_files.paths_by_kind(lake_files.on_s3(settings.aws, settings.lake))
        parquet, loaded = {}, {}
        for kind in KINDS:
            lake_rows.view(connection, "files", kind, paths[kind.name])
            parquet[kind.name] = _count(connection, "files")
            loaded[f"lake_{kind.name}"] = _count(connection, f"lake_{kind.name}")
    return {"dynamodb": counts, "parquet": parquet, "duckdb": loaded}


def measure(settings: Settings, story: Story, observer: Observer) -> Values:
    """The summary, without the time travel."""
    alerts = _by_id(_values(settings, settings.kafka.topics.alerts), "alert_id")
    latency = observer.percentiles()
    return {
        "dispositions": dispositions(settings),
        "alerts": {
            "total": len(alerts),
            "by_rule": dict(Counter(rule for alert in alerts for rule in alert["rules"]).most_common()),
            "by_severity": dict(Counter(alert["severity"] for alert in alerts).most_common()),
        },
        "latency_ms": {
            "measured": len(observer.latencies_ms),
            "p50": None if latency is None else latency[0],
            "p99": None if latency is None else latency[1],
        },
        "fraud": evaluate((each.label for each in story if each.label), fired(settings)).as_json(),
        "rows": rows(settings),
    }


def write(summary: Values, path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(orjson.dumps(summary, option=orjson.OPT_INDENT_2))
