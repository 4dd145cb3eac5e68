"""The kernel's functions as SQL calls them, planned and run by Flink."""

from __future__ import annotations

import struct
from pathlib import Path
from typing import Any

import pytest
from pyflink.table import EnvironmentSettings, TableEnvironment

from tests.udfs.kernel_jar import JAR
from udfs.history import EntityHistory, Event

LINES = """create temporary table checked (
    customer_id string, transaction_id string, body string, log_partition int, log_offset bigint, ms bigint,
    card_token string, amount bigint, merchant string
) with ('connector' = 'filesystem', 'path' = '{path}', 'format' = 'csv', 'csv.null-literal' = 'null')"""
SEEN = """create temporary view seen as select * from first_seen(
    r => (select *, right(customer_id, 1) as customer_bucket from checked) partition by customer_bucket,
    id => descriptor(customer_id, transaction_id),
    body => descriptor(body), log_partition => descriptor(log_partition), log_offset => descriptor(log_offset),
    log_ms => descriptor(ms), uid => 'first_seen')"""
PROFILED = """select * from history(
    r => (select *, right(card_token, 1) as bucket from seen) partition by bucket, entity => descriptor(card_token),
    log_partition => descriptor(log_partition), log_ms => descriptor(ms), status => descriptor(status),
    event_ms => descriptor(ms), amount => descriptor({amount}),
    categories => descriptor(merchant, customer_id, body), uid => 'history')"""
DAY = 86_400_000
ROWS = [
    ("c1", "t1", "a", 0, 7, 1_000, "k1", 50, "m1"),
    ("c1", "t1", "a", 0, 8, 1_000, "k1", 50, "m1"),
    ("c1", "t1", "b", 0, 9, 1_000, "k1", 50, "m1"),
    ("c1", "t2", "b", 0, 10, 4_000, "k1", 70, "m2"),
    ("c2", "t2", "b", 1, 3, 2_000, "k2", 90, "m2"),
    ("c1", "t3", "b", 0, 11, 4_000 + 15 * DAY, "k1", 20, "m1"),
    ("c1", "t4", "b", 0, 12, 4_001 + 30 * DAY, "k1", 10, "m1"),
]


def environment(folder: Path, rows: list[tuple[Any, ...]], backend: str = "hashmap") -> TableEnvironment:
    """One slot with `rows` in the table `checked`, in their order, and both functions."""
    file = folder / "rows.csv"
    file.write_text("".join(",".join(map(str, row)) + "\n" for row in rows), encoding="utf-8")
    found = TableEnvironment.create(EnvironmentSettings.in_streaming_mode())
    settings = {"parallelism.default": "1", "pipeline.jars": JAR.as_uri(), "state.backend.type": backend}
    for key, value in settings.items():
        found.get_config().set(key, value)
    for name, java_class in {"first_seen": "FirstSeen", "history": "History"}.items():
        found.execute_sql(f"create temporary function {name} as 'sluice.kernel.{java_class}' language java")
    found.execute_sql(LINES.format(path=file.as_uri()))
    found.execute_sql(SEEN)
    return found


def collect(table_env: TableEnvironment, query: str) -> list[Any]:
    with table_env.execute_sql(query).collect() as rows:
        return [tuple(row) for row in rows]


@pytest.mark.parametrize("backend", ["hashmap", "rocksdb"])
def test_both_functions(backend: str, tmp_path: Path) -> None:
    rows = collect(environment(tmp_path, ROWS, backend), PROFILED.format(amount="amount"))
    assert [row[:9] for row in rows] == ROWS
    assert [row[10:13] for row in rows] == [
        (0, 0, 7),
        (1, 0, 7),
        (2, 0, 7),
        (0, 0, 10),
        (0, 1, 3),
        (0, 0, 11),
        (0, 0, 12),
    ]
    k1, k2, k1_forgotten = EntityHistory(), EntityHistory(), EntityHistory()
    wanted = [
        k1.add(Event(1_000, 50, ("m1", "c1", "a"))),
        None,
        None,
        k1.add(Event(4_000, 70, ("m2", "c1", "b"))),
        k2.add(Event(2_000, 90, ("m2", "c2", "b"))),
        k1.add(Event(4_000 + 15 * DAY, 20, ("m1", "c1", "b"))),
        k1_forgotten.add(Event(4_001 + 30 * DAY, 10, ("m1", "c1", "b"))),
    ]
    assert [row[14] and list(struct.unpack("<37q", row[14])) for row in rows] == wanted


@pytest.mark.parametrize(
    ("amount", "message"),
    [
        ("nothing", "amount => DESCRIPTOR\\(nothing\\): the table has no such column"),
        ("merchant", "amount => DESCRIPTOR\\(merchant\\): the column is .*; cast it to BIGINT"),
        ("ms, amount", "amount => DESCRIPTOR\\(…\\) names 2 columns; name 1"),
    ],
)
def test_wrong_column_is_named_while_planning(amount: str, message: str, tmp_path: Path) -> None:
    with pytest.raises(Exception, match=message):
        environment(tmp_path, ROWS).explain_sql(PROFILED.format(amount=amount))


def test_null_in_a_named_column_stops_the_job(tmp_path: Path) -> None:
    broken = [*ROWS, ("c3", "t1", "null", 0, 11, 1_000, "k3", 50, "m1")]
    with pytest.raises(Exception, match="Column 'body' is NULL in a row given to FirstSeen; filter such rows out"):
        collect(environment(tmp_path, broken), "select * from seen")
