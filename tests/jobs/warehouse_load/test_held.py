"""A file that is not such as its contract says is held back, by name and with the reason, and stops no other."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import duckdb
import fastavro
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from contracts import reader
from contracts.reader import Field
from jobs.warehouse_load import schemas
from jobs.warehouse_load.lake_files import LakeFile
from jobs.warehouse_load.load import load
from sluice import reports, warehouse
from sluice.lake_layout import AVRO, KINDS
from sluice.warehouse import WarehouseError
from tests.jobs.warehouse_load.lake_maker import decision, row, write

contracts = reader.load
Change = Callable[[pa.Table], pa.Table]


@pytest.fixture
def connection(tmp_path: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    with warehouse.opened(tmp_path / "w.duckdb", create=True) as opened:
        yield opened


def retyped(name: str, kind: pa.DataType) -> Change:
    def change(table: pa.Table) -> pa.Table:
        return table.set_column(table.column_names.index(name), name, table[name].cast(kind))

    return change


def without_decide(table: pa.Table) -> pa.Table:
    latency = pa.array([{"gate": 1, "history": 2}] * len(table))
    return table.set_column(table.column_names.index("latency_ms"), "latency_ms", latency)


CHANGES: list[tuple[Change, str]] = [
    (lambda table: table.drop_columns(["currency"]), "column currency is missing, and the contract requires it"),
    (retyped("amount_minor", pa.string()), "column amount_minor is string, and the contract says integer"),
    (retyped("amount_minor", pa.float64()), "column amount_minor is double, and the contract says integer"),
    (retyped("event_time", pa.int64()), "column event_time is integer, and the contract says timestamp"),
    (retyped("features", pa.list_(pa.string())), "column features[] is string, and the contract says integer"),
    (without_decide, "column latency_ms.decide is missing, and the contract requires it"),
    (lambda table: table.append_column("brand_new", [[1]]), "column brand_new is not in the contract"),
]


def changed(file: LakeFile, change: Change) -> LakeFile:
    pq.write_table(change(pq.read_table(file.path, partitioning=None)), file.path)
    return file


def books(connection: duckdb.DuckDBPyConnection) -> list[tuple[Any, ...]]:
    found = connection.sql("select path, etag, reason, message from load_quarantine order by all")
    return [tuple(each) for each in found.fetchall()]


@pytest.mark.parametrize(("change", "message"), CHANGES, ids=[message for _, message in CHANGES])
def test_a_changed_schema_is_held_and_named(
    connection: duckdb.DuckDBPyConnection, tmp_path: Path, change: Change, message: str
) -> None:
    (bad,) = write(tmp_path, "decisions", [decision(1)])
    changed(bad, change)
    files = [
        bad,
        *write(tmp_path, "decisions", [decision(2)], "part-2"),
        *write(tmp_path, "duplicates", [row("duplicates")]),
    ]
    loaded = load(connection, files)
    assert [(each.file, each.reason, each.message) for each in loaded.held] == [(bad, "schema", message)]
    assert (loaded.rows["decisions"], loaded.rows["duplicates"]) == (1, 1)
    again = load(connection, files)
    assert (again.recorded_at, again.held) == (None, loaded.held)
    assert books(connection) == [(bad.path, bad.etag, "schema", message)]


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"quarantine_id": "string"}, "column step is missing"),
        ({"source_offset": "string"}, "column source_offset is string, and the contract says integer"),
        ({"brand_new": "long"}, "column brand_new is not in the contract"),
    ],
)
def test_so_is_one_in_avro(
    connection: duckdb.DuckDBPyConnection, tmp_path: Path, fields: dict[str, str], message: str
) -> None:
    (bad,) = write(tmp_path, "quarantine", [row("quarantine")], written=AVRO)
    columns = [{"name": name, "type": each} for name, each in fields.items()]
    with Path(bad.path).open("wb") as out:
        fastavro.writer(out, {"type": "record", "name": "r", "fields": columns}, [])
    good = write(tmp_path, "quarantine", [row("quarantine")], "part-2", written=AVRO)
    loaded = load(connection, [bad, *good])
    assert loaded.rows["quarantine"] == 1
    assert message in loaded.held[0].message


def test_what_the_job_writes_is_as_the_contracts_say(connection: duckdb.DuckDBPyConnection, tmp_path: Path) -> None:
    for kind in KINDS:
        for written in ("parquet", AVRO):
            (file,) = write(tmp_path, kind.name, [row(kind.name)], written=written)
            (columns,) = schemas.of_files(connection, [file.path]).values()
            assert list(columns) == list(kind.contract.names())
            assert schemas.differences(kind, columns) == []


def test_a_held_file_is_loaded_once_the_contract_knows_its_column(
    connection: duckdb.DuckDBPyConnection, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    files = write(tmp_path, "decisions", [decision(1)], "part-before")
    (newer,) = write(tmp_path, "decisions", [decision(2)])
    files.append(changed(newer, lambda table: table.append_column("brand_new", [[7]])))
    assert load(connection, files).rows["decisions"] == 1
    before = reports.ask(connection, "transactions-by-day")
    contract = KINDS[0].contract
    grown = replace(contract, fields=(*contract.fields, Field("brand_new", "integer", required=False)))
    monkeypatch.setattr(reader, "load", lambda name: grown if name == "decisions" else contracts(name))
    loaded = load(connection, files)
    assert (loaded.held, loaded.rows["decisions"]) == ((), 1)
    assert connection.sql("select decision_id, brand_new from lake_decisions order by all").fetchall() == [
        ("d1", None),
        ("d2", 7),
    ]
    assert reports.ask(connection, "transactions-by-day", before.as_of, before.as_known) == before


@pytest.mark.parametrize("content", [b"", b"PAR1 cut off", b"x" * 900])
def test_a_file_that_is_broken_is_held(connection: duckdb.DuckDBPyConnection, tmp_path: Path, content: bytes) -> None:
    files = [write(tmp_path, "decisions", [decision(number)], f"part-{number}")[0] for number in range(5)]
    Path(files[2].path).write_bytes(content)
    loaded = load(connection, files)
    assert [(each.file, each.reason) for each in loaded.held] == [(files[2], "unreadable")]
    assert loaded.rows["decisions"] == 4


def test_so_is_one_whose_rows_are_broken(connection: duckdb.DuckDBPyConnection, tmp_path: Path) -> None:
    files = [write(tmp_path, "decisions", [decision(number)], f"part-{number}")[0] for number in range(3)]
    bad = Path(files[1].path)
    content = bytearray(bad.read_bytes())
    content[4:200] = bytes(each ^ 0xFF for each in content[4:200])
    bad.write_bytes(content)
    loaded = load(connection, files)
    assert [each.file for each in loaded.held] == [files[1]]
    assert loaded.rows["decisions"] == 2


def test_a_file_that_was_rewritten_is_held_and_its_rows_stay(
    connection: duckdb.DuckDBPyConnection, tmp_path: Path
) -> None:
    (file,) = write(tmp_path, "decisions", [decision(1, amount_minor=1)])
    load(connection, [file])
    write(tmp_path, "decisions", [decision(1, amount_minor=2), decision(2)])
    other = write(tmp_path, "decisions", [decision(3)], "part-2")
    loaded = load(connection, [file._replace(etag="other"), *other])
    assert [(each.reason, each.file.etag) for each in loaded.held] == [("rewritten", "other")]
    assert loaded.held[0].message == "its content has changed since it was loaded: etag etag-of-part-1 then, other now"
    assert connection.sql("select decision_id, amount_minor from lake_decisions order by all").fetchall() == [
        ("d1", 1),
        ("d3", 7),
    ]


def test_a_lake_that_does_not_answer_holds_nothing_back(connection: duckdb.DuckDBPyConnection, tmp_path: Path) -> None:
    (file,) = write(tmp_path, "decisions", [decision(1)])
    Path(file.path).unlink()
    with pytest.raises(WarehouseError, match=r"can't be read: .* nothing was changed, run `sluice load` again"):
        load(connection, [file])
    assert books(connection) == []
