"""The kernel's functions as SQL calls them, planned and run by Flink."""

from __future__ import annotations

import struct
from base64 import b64decode, b64encode
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from pyflink.table import EnvironmentSettings, TableEnvironment

from sluice import kernel_functions
from tests.udfs.kernel_jar import JAR
from udfs import parts
from udfs.facts import EARLIER, ENTITY, FACTS, digests
from udfs.history import EntityHistory, Event

LINES = """create temporary table checked (
    number int, id_bucket int, entity_bucket int, facts bytes, word string
) with ('connector' = 'filesystem', 'path' = '{path}', 'format' = 'csv', 'csv.null-literal' = 'null')"""
SEEN = """create temporary view seen as select * from first_seen(
    r => table checked partition by id_bucket, facts => descriptor(facts), uid => 'seen')"""
PROFILED = """select * from history(
    r => table seen partition by entity_bucket, facts => descriptor({facts}),
    earlier => descriptor(earlier), uid => 'profiled')"""
UNORDERED = """create temporary view unordered as
    select id_bucket, cast(number as bigint) as place, packed(part(facts, 0), cast(null as bytes)) as record
    from checked"""
ORDERED = """select part(ordered, 0), part(ordered, 1) from in_order(
    r => table unordered partition by id_bucket, place => descriptor(place), record => descriptor(record),
    uid => 'ordered')"""
NUMBERED = "select id_bucket, place from numbered(r => table checked partition by id_bucket, uid => 'placed')"
READ = "select {what} from checked"
DAY = 86_400_000


def record(*values: bytes) -> str:
    """Packed parts as the table's file holds them."""
    return b64encode(parts.record(*values)).decode()


def row(number: int, id_: int, body: str, entity: int, ms: int, amount: int, merchant: int) -> list[Any]:
    """A row of the table, whose partition is the entity and whose offset is its number."""
    facts = np.zeros(1, FACTS)
    facts["id"], facts["content"], facts["entity"] = id_, digests([body.encode()]), entity
    facts["event_ms"], facts["ingested_ms"], facts["amount_usd_minor"] = ms, ms, amount
    facts["source_partition"], facts["source_offset"] = entity, number
    facts["categories"] = merchant, id_, entity
    return [number, id_ % 2, entity % 2, record(facts.tobytes()), f"w{number}"]


ROWS = [
    row(7, 11, "a", 1, 1_000, 50, 31),
    row(8, 11, "a", 1, 1_000, 50, 31),
    row(9, 11, "b", 1, 1_000, 50, 31),
    row(10, 12, "b", 1, 4_000, 70, 32),
    row(3, 13, "b", 2, 2_000, 90, 32),
    row(11, 14, "b", 1, 4_000 + 15 * DAY, 20, 31),
    row(12, 15, "b", 1, 4_001 + 30 * DAY, 10, 31),
]


def environment(folder: Path, rows: list[list[Any]], backend: str = "hashmap") -> TableEnvironment:
    """One slot with `rows` in the table `checked`, in their order, and both functions."""
    file = folder / "rows.csv"
    file.write_text("".join(",".join(map(str, row)) + "\n" for row in rows), encoding="utf-8")
    found = TableEnvironment.create(EnvironmentSettings.in_streaming_mode())
    settings = {"parallelism.default": "1", "pipeline.jars": JAR.as_uri(), "state.backend.type": backend}
    for key, value in settings.items():
        found.get_config().set(key, value)
    kernel_functions.create(found)
    found.execute_sql(LINES.format(path=file.as_uri()))
    found.execute_sql(SEEN)
    return found


def collect(table_env: TableEnvironment, query: str) -> list[Any]:
    with table_env.execute_sql(query).collect() as rows:
        return [tuple(row) for row in rows]


@pytest.mark.parametrize("backend", ["hashmap", "rocksdb"])
def test_both_functions(backend: str, tmp_path: Path) -> None:
    rows = collect(environment(tmp_path, ROWS, backend), PROFILED.format(facts="facts"))
    found = {number: rest for number, *rest in sorted(rows)}
    assert sorted(found) == sorted(each[0] for each in ROWS)
    first = {
        number: earlier and np.frombuffer(earlier, EARLIER)[0].item() for number, (*_, earlier, _) in found.items()
    }
    assert {number: at for number, at in first.items() if at} == {8: (0, 1, 7), 9: (1, 1, 7)}
    assert [found[8][1:4], found[8][-1][8:]] == [[1, b64decode(ROWS[1][3]), "w8"], b""]
    one, two, one_forgotten = EntityHistory(), EntityHistory(), EntityHistory()
    wanted = {
        7: one.add(Event(1_000, 50, (31, 11, 1))),
        10: one.add(Event(4_000, 70, (32, 12, 1))),
        3: two.add(Event(2_000, 90, (32, 13, 2))),
        11: one.add(Event(4_000 + 15 * DAY, 20, (31, 14, 1))),
        12: one_forgotten.add(Event(4_001 + 30 * DAY, 10, (31, 15, 1))),
    }
    assert {number: list(struct.unpack("<37q", found[number][-1][8:])) for number in wanted} == wanted


def of_other(number: int, id_: int, event: Event) -> list[Any]:
    """A row whose facts tell of another entity behind FACTS, at one card."""
    facts = np.zeros(1, np.dtype([*FACTS.descr, ("other", ENTITY)]))
    facts["id"], facts["entity"], facts["event_ms"], facts["amount_usd_minor"] = number, 1, event.time, event.amount
    facts["other"]["id"], facts["other"]["categories"] = id_, event.categories
    return [number, 0, 0, record(facts.tobytes()), "w"]


def test_history_of_another_entity(tmp_path: Path) -> None:
    sent = [
        (1, 5, Event(1_000, 10, (7, 8, 9))),
        (2, 6, Event(1_500, 20, (7, 8, 9))),
        (3, 5, Event(3_000, 30, (7, 1, 2))),
        (4, 0, Event(3_100, 40, (7, 1, 2))),
        (5, 0, Event(3_200, 50, (7, 1, 2))),
    ]
    query = PROFILED.format(facts="facts").replace("uid =>", f"other => {FACTS.itemsize // 8}, uid =>")
    rows = collect(environment(tmp_path, [of_other(*each) for each in sent]), query)
    found = {number: list(struct.unpack("<37q", profile[8:])) for number, *_, profile in rows}
    five, six = EntityHistory(), EntityHistory()
    wanted = {number: (five if id_ == 5 else six).add(event) for number, id_, event in sent[:3]}
    assert {number: found[number] for number in wanted} == wanted
    assert found[4] == found[5] == [0] * 36 + [-1]


def test_facts_too_short_for_the_other_entity_stop_the_job(tmp_path: Path) -> None:
    query = PROFILED.format(facts="facts").replace("uid =>", "other => 13, uid =>")
    with pytest.raises(Exception, match="facts of 104 bytes: the kernel reads 132"):
        collect(environment(tmp_path, ROWS), query)


def test_records_come_back_into_their_order(tmp_path: Path) -> None:
    places = {0: [2, 0, 4, 1, 3], 1: [1, 2, 0]}
    sent = [[place, key, 0, record(b"%d-%d" % (key, place)), "w"] for key in places for place in places[key]]
    table_env = environment(tmp_path, sent)
    table_env.execute_sql(UNORDERED)
    found = [bytes(each).decode() for each, none in collect(table_env, ORDERED) if none is None]
    assert [each for each in found if each.startswith("0-")] == [f"0-{place}" for place in range(5)]
    assert [each for each in found if each.startswith("1-")] == [f"1-{place}" for place in range(3)]
    counted = collect(table_env, NUMBERED)
    assert sorted(counted) == [(key, number) for key in (0, 1) for number in range(len(places[key]))]


@pytest.mark.parametrize(
    ("facts", "message"),
    [
        ("nothing", "facts => DESCRIPTOR\\(nothing\\): the table has no such column"),
        ("word", "facts => DESCRIPTOR\\(word\\): the column is .*; cast it to BYTES"),
        ("facts, word", "facts => DESCRIPTOR\\(…\\) names 2 columns; name 1"),
    ],
)
def test_wrong_column_is_named_while_planning(facts: str, message: str, tmp_path: Path) -> None:
    with pytest.raises(Exception, match=message):
        environment(tmp_path, ROWS).explain_sql(PROFILED.format(facts=facts))


@pytest.mark.parametrize(
    ("facts", "message"),
    [
        ("null", "Column 'facts' is NULL in a row given to FirstSeen; filter such rows out"),
        (record(bytes(79)), "facts of 79 bytes: the kernel reads 80"),
        (b64encode(struct.pack("<i", 4)).decode(), "a record of 4 bytes has no part at 1"),
        (b64encode(bytes(3)).decode(), "a record of 3 bytes has no part at 0"),
        (b64encode(struct.pack("<2i", 8, 99)).decode(), "in a record of 8 bytes, part 1 begins at 99"),
    ],
)
def test_wrong_facts_stop_the_job(facts: str, message: str, tmp_path: Path) -> None:
    with pytest.raises(Exception, match=message):
        collect(environment(tmp_path, [*ROWS, [13, 0, 0, facts, "w"]]), "select * from seen")


def test_sql_reads_the_parts_and_numbers_of_a_record(tmp_path: Path) -> None:
    query = """select number, part(facts, 0), part(facts, 1), part(facts, 2), part(cast(null as bytes), 0),
        number_at(part(facts, 2), 0), number_at(part(facts, 2), 1), number_at(part(facts, 1), 0) from checked"""
    rows = [[7, 0, 0, record(b"one", b"", struct.pack("<2q", 5, -6)), "w"]]
    assert collect(environment(tmp_path, rows), query) == [
        (7, b"one", None, struct.pack("<2q", 5, -6), None, 5, -6, None)
    ]


@pytest.mark.parametrize(
    ("what", "message"),
    [
        ("part(facts, -1)", "a record of 112 bytes has no part at -1"),
        ("part(facts, 1)", "a record of 112 bytes has no part at 2"),
        ("number_at(part(facts, 0), -1)", "a record of 104 bytes has no number at -1"),
        ("number_at(part(facts, 0), 13)", "a record of 104 bytes has no number at 13"),
    ],
)
def test_what_is_outside_the_record_stops_the_job(what: str, message: str, tmp_path: Path) -> None:
    with pytest.raises(Exception, match=message):
        collect(environment(tmp_path, ROWS), READ.format(what=what))
