"""The kernel's functions as SQL calls them, planned and run by Flink."""

from __future__ import annotations

import struct
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from pyflink.table import EnvironmentSettings, TableEnvironment

from tests.udfs.kernel_jar import JAR
from udfs.history import EntityHistory, Event

COLUMNS = (
    "customer_id string, transaction_id string, body bytes, part int, at bigint, ms bigint, "
    "card_token string, amount bigint, merchant string"
)
ROWS = [
    ("c1", "t1", "a", 0, 7, 1_000, "k1", 50, "m1"),
    ("c1", "t1", "a", 0, 8, 1_000, "k1", 50, "m1"),
    ("c1", "t1", "b", 0, 9, 1_000, "k1", 50, "m1"),
    ("c1", "t2", "b", 0, 10, 4_000, "k1", 70, "m2"),
    ("c2", "t2", "b", 1, 3, 2_000, "k2", 90, "m2"),
]
SEEN = """select * from first_seen(
    r => table checked partition by customer_id, id => descriptor(customer_id, transaction_id),
    body => descriptor(body), log_partition => descriptor(part), log_offset => descriptor(at),
    log_ms => descriptor(ms), uid => 'first_seen')"""
PROFILED = """select * from history(
    r => table seen partition by card_token, status => descriptor(status), event_ms => descriptor(ms),
    amount => descriptor({amount}), categories => descriptor(merchant, customer_id, body), uid => 'history')"""


def environment(backend: str, folder: Path) -> TableEnvironment:
    """One slot with `ROWS` in the view `checked`, in their order, and both functions."""
    found = TableEnvironment.create(EnvironmentSettings.in_streaming_mode())
    for key, value in {
        "parallelism.default": "1",
        "pipeline.jars": JAR.as_uri(),
        "state.backend.type": backend,
        "table.exec.resource.default-parallelism": "1",
    }.items():
        found.get_config().set(key, value)
    found.execute_sql("create temporary function first_seen as 'sluice.kernel.FirstSeen' language java")
    found.execute_sql("create temporary function history as 'sluice.kernel.History' language java")
    rows = folder / "rows.csv"
    rows.write_text("".join(",".join(map(str, row)) + "\n" for row in ROWS), encoding="utf-8")
    columns = COLUMNS.replace("body bytes", "body_text string")
    found.execute_sql(
        f"create temporary table lines ({columns}) "
        f"with ('connector' = 'filesystem', 'path' = '{rows.as_uri()}', 'format' = 'csv')"
    )
    names = [each.split()[0] for each in COLUMNS.split(", ")]
    chosen = ", ".join("cast(body_text as bytes) as body" if name == "body" else name for name in names)
    found.execute_sql(f"create temporary view checked as select {chosen} from lines")
    found.execute_sql(f"create temporary view seen as {SEEN}")
    return found


@pytest.fixture(params=["hashmap", "rocksdb"])
def table_env(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[TableEnvironment]:
    yield environment(request.param, tmp_path)


def collect(table_env: TableEnvironment, query: str) -> list[Any]:
    with table_env.execute_sql(query).collect() as rows:
        return [tuple(row) for row in rows]


def test_both_functions(table_env: TableEnvironment) -> None:
    rows = collect(table_env, PROFILED.format(amount="amount"))
    assert [row[:9] for row in rows] == [(*row[:2], bytearray(row[2].encode()), *row[3:]) for row in ROWS]
    assert [row[9:12] for row in rows] == [(0, 0, 7), (1, 0, 7), (2, 0, 7), (0, 0, 10), (0, 1, 3)]
    k1, k2 = EntityHistory(), EntityHistory()
    wanted = [
        k1.add(Event(1_000, 50, ("m1", "c1", "a"))),
        None,
        None,
        k1.add(Event(4_000, 70, ("m2", "c1", "b"))),
        k2.add(Event(2_000, 90, ("m2", "c2", "b"))),
    ]
    assert [row[12] and list(struct.unpack("<37q", row[12])) for row in rows] == wanted


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
        environment("hashmap", tmp_path).explain_sql(PROFILED.format(amount=amount))
