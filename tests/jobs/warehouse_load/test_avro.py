"""Files in Avro are loaded as those in Parquet are, beside them and for every kind."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import duckdb
import pytest

from jobs.warehouse_load.load import load
from sluice import warehouse
from sluice.lake_layout import AVRO, KINDS, Kind, is_avro
from tests.compaction.store import FolderObjects, compact, listed, rows
from tests.jobs.warehouse_load.lake_maker import NOON, decision, row, write

NAMES = [kind.name for kind in KINDS]


@pytest.fixture
def connection(tmp_path: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    with warehouse.opened(tmp_path / "w.duckdb", create=True) as opened:
        yield opened


@pytest.mark.parametrize("kind", NAMES)
def test_every_field_arrives_as_from_parquet(connection: duckdb.DuckDBPyConnection, tmp_path: Path, kind: str) -> None:
    moment = NOON + timedelta(milliseconds=7)
    for name, written in (("a", "parquet"), ("b", AVRO)):
        files = write(tmp_path, kind, [row(kind, ingested_at=moment, **{KEYS[kind]: name})], written=written)
        assert load(connection, files).rows[kind] == 1
    columns = f"columns(* exclude ({KEYS[kind]}, recorded_at))"
    (first, second) = connection.sql(f"select {columns}::varchar from lake_{kind}").fetchall()  # noqa: S608
    assert first == second
    assert connection.sql(f"select distinct epoch_ms(ingested_at) from lake_{kind}").fetchall() == [  # noqa: S608
        (round(moment.timestamp() * 1_000),)
    ]


def test_a_table_whose_format_changed_is_one_table(connection: duckdb.DuckDBPyConnection, tmp_path: Path) -> None:
    old = write(tmp_path, "quarantine", [row("quarantine", quarantine_id="old")], without="field")
    new = write(
        tmp_path, "quarantine", [row("quarantine", quarantine_id=each) for each in ("new", "old")], written=AVRO
    )
    assert [is_avro(each.path) for each in old + new] == [False, True]
    loaded = load(connection, old + new)
    assert (loaded.rows["quarantine"], loaded.repeats["quarantine"]) == (2, 1)
    assert load(connection, old + new).recorded_at is None
    assert connection.sql("select quarantine_id, field from lake_quarantine order by all").fetchall() == [
        ("new", "x"),
        ("old", "x"),
    ]


def test_merged_files_stay_in_their_format(tmp_path: Path) -> None:
    store = FolderObjects(tmp_path)
    for name in ("part-1", "part-2", "part-3"):
        write(tmp_path / "lake", "decisions", [decision(int(name[-1]))], name, written=AVRO)
        write(tmp_path / "lake", "quarantine", [row("quarantine", quarantine_id=name, field=None)], name, written=AVRO)
    write(tmp_path / "lake", "quarantine", [row("quarantine", quarantine_id="old")])
    before = rows(listed(store))
    assert [each.merged for each in compact(store)] == [3, 3]
    assert rows(listed(store)) == before
    assert sorted(map(is_avro, listed(store)["quarantine"])) == [False, True]
    assert compact(store) == []


@pytest.mark.parametrize("kept", [0, 3, 300, 810])
def test_a_file_that_is_cut_off_is_held(connection: duckdb.DuckDBPyConnection, tmp_path: Path, kept: int) -> None:
    (file,) = write(tmp_path, "quarantine", [row("quarantine")] * 9, written=AVRO)
    content = Path(file.path).read_bytes()
    assert len(content) > kept
    Path(file.path).write_bytes(content[:kept])
    (held,) = load(connection, [file]).held
    assert (held.file, held.reason) == (file, "unreadable")
    assert "no Avro file" in held.message
    assert connection.sql("from load_manifest").fetchall() == []


def test_a_format_that_is_none_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    kind = Kind("quarantine", "quarantine_id", "ingested_at", "ingested_date")
    monkeypatch.setitem(kind.contract.custom, "lakeFormat", "orc")
    with pytest.raises(ValueError, match="contract quarantine: lakeFormat 'orc' is none; write parquet or avro"):
        _ = kind.format


KEYS = {kind.name: kind.key for kind in KINDS}
