"""The lake job's SQL on Flink's in-process cluster: JSON lines in, Parquet and Avro in a local folder out."""

from __future__ import annotations

import json
import random
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import fastavro
import pyarrow.parquet as pq
import pytest
from pyflink.table import EnvironmentSettings, TableEnvironment

from contracts import reader
from jobs.lake import main as lake
from jobs.warehouse_load.lake_files import LakeFile
from jobs.warehouse_load.load import load
from sluice import flink_ddl, warehouse
from sluice.lake_layout import FILE_PREFIX, KINDS, is_avro
from sluice.reports import written
from sluice.settings import PROJECT_ROOT, Settings
from tests.jobs.warehouse_load.lake_maker import NOON, decision, row

JARS = ";".join(file.as_uri() for file in sorted((PROJECT_ROOT / "build" / "jars" / "flink").glob("*.jar")))
LAST_MS = datetime(2026, 11, 3, 23, 59, 59, 999_000, UTC)
MIDNIGHT = datetime(2026, 11, 4, tzinfo=UTC)


def wire(values: dict[str, Any]) -> str:
    """A row as it stands in its topic."""
    reasons = [each | {"values": dict(each["values"])} for each in values.get("reasons", ())]
    return json.dumps(values | ({"reasons": reasons} if reasons else {}), default=written)


def source(table_env: TableEnvironment, folder: Path, kind: str, lines: list[str]) -> None:
    """The table that stands for a topic: it ends after `lines`."""
    folder.mkdir(parents=True)
    (folder / "lines").write_text("\n".join(lines), encoding="utf-8")
    fields = next(each for each in KINDS if each.name == kind).contract.fields
    table_env.execute_sql(
        f"create temporary table {kind} ({flink_ddl.columns(fields)}, arrived_at as proctime()) with ("
        f"'connector' = 'filesystem', 'path' = '{folder.as_uri()}', 'format' = 'json', "
        "'json.timestamp-format.standard' = 'ISO-8601')"
    )


def run(tmp_path: Path, decisions: list[str], roll_mib: int = 128) -> Path:
    """The lake after a run over `decisions` and one record of each other kind, each twice."""
    table_env = TableEnvironment.create(EnvironmentSettings.in_streaming_mode())
    table_env.get_config().set("pipeline.jars", JARS)
    # A cluster would try again for ever; here the first failure must show.
    table_env.get_config().set("restart-strategy.type", "none")
    lake.configure(table_env, Settings().lake)
    source(table_env, tmp_path / "in" / "decisions", "decisions", decisions)
    for kind in ("quarantine", "duplicates"):
        source(table_env, tmp_path / "in" / kind, kind, [wire(row(kind))] * 2)
    lake.carry(table_env, (tmp_path / "out").as_uri(), roll_mib).execute().wait()
    return tmp_path / "out"


def files(root: Path) -> list[LakeFile]:
    found = root.rglob(f"{FILE_PREFIX}*")
    return [LakeFile(each.relative_to(root).parts[0].partition(".")[0], str(each), "e") for each in found]


def test_repeats_are_removed_and_every_field_reaches_the_warehouse(tmp_path: Path) -> None:
    rows = [decision(1, event_time=LAST_MS), decision(2, event_time=MIDNIGHT), decision(3, device_id=None)]
    root = run(tmp_path, [wire(each) for each in [*rows, rows[0], *rows]])
    days = {each.name for each in (root / "decisions").iterdir()}
    assert days == {"event_date=2026-11-03", "event_date=2026-11-04"}
    assert [each.name for each in (root / "quarantine.avro").iterdir()] == ["ingested_date=2026-11-03"]
    metadata = [pq.ParquetFile(each.path).metadata for each in files(root) if not is_avro(each.path)]
    assert {each.row_group(0).column(0).compression for each in metadata} == {"ZSTD"}
    with warehouse.opened(tmp_path / "w.duckdb", create=True) as connection:
        loaded = load(connection, files(root))
        assert loaded.rows == {"decisions": 3, "quarantine": 1, "duplicates": 1}
        assert set(loaded.repeats.values()) == {0}
        found = connection.sql(
            "select decision_id, epoch_ms(event_time), device_id, reasons[1].values['amount_usd_minor'], features, "
            "latency_ms.gate from lake_decisions order by decision_id"
        ).fetchall()
    moments = [int(each.timestamp() * 1_000) for each in (LAST_MS, MIDNIGHT, NOON)]
    assert found == [
        (f"d{number}", moment, device, 80_001, [7], 7)
        for number, moment, device in zip((1, 2, 3), moments, ("x", "x", None), strict=True)
    ]


def test_a_file_that_has_grown_to_its_bound_is_closed(tmp_path: Path) -> None:
    """At a MiB and the block that came last; a checkpoint in a slow run may close one earlier, never later."""
    rows = [decision(number, device_id=random.Random(number).randbytes(2_000).hex()) for number in range(1_500)]
    root = run(tmp_path, [wire(each) for each in rows], roll_mib=1)
    found = [pq.ParquetFile(each.path).metadata for each in files(root) if each.kind == "decisions"]
    assert sum(each.num_rows for each in found) == 1_500
    sizes = [Path(each.path).stat().st_size for each in files(root) if each.kind == "decisions"]
    assert sum(sizes) > 5 << 19
    assert max(sizes) < 2 << 20


def test_a_contract_may_ask_for_avro(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """As that of quarantine does; here that of decisions too, which have values of every type."""
    monkeypatch.setitem(reader.load("decisions").custom, "lakeFormat", "avro")
    rows = [decision(1, event_time=LAST_MS), decision(2, device_id=None)]
    root = run(tmp_path, [wire(each) for each in rows])
    assert sorted(each.name for each in root.iterdir()) == ["decisions.avro", "duplicates", "quarantine.avro"]
    (file,) = (each.path for each in files(root) if each.kind == "quarantine")
    with Path(file).open("rb") as stream:
        found = fastavro.reader(stream)
        assert found.codec == "deflate"
        assert list(found) == [row("quarantine")]
    with warehouse.opened(tmp_path / "w.duckdb", create=True) as connection:
        assert load(connection, files(root)).rows == {"decisions": 2, "quarantine": 1, "duplicates": 1}
        assert connection.sql(
            "select decision_id, epoch_ms(event_time), device_id, reasons[1].values['amount_usd_minor'], features, "
            "latency_ms.gate, event_date::varchar from lake_decisions order by decision_id"
        ).fetchall() == [
            ("d1", round(LAST_MS.timestamp() * 1_000), "x", 80_001, [7], 7, "2026-11-03"),
            ("d2", round(NOON.timestamp() * 1_000), None, 80_001, [7], 7, "2026-11-03"),
        ]


@pytest.mark.parametrize(
    ("line", "cause"),
    [
        ('{"decision_id": "cut o', "Failed to deserialize JSON"),
        (wire(decision(2) | {"outcome": None}), "Column 'outcome' is NOT NULL"),
        (wire(decision(2)).replace("2026-11-03T12", "noon"), "Failed to deserialize JSON"),
    ],
)
def test_a_malformed_decision_fails_the_job(tmp_path: Path, line: str, cause: str) -> None:
    with pytest.raises(Exception, match=cause):
        run(tmp_path, [wire(decision(1)), line])
    assert [each for each in files(tmp_path / "out") if each.kind == "decisions"] == []


def test_the_keys_are_those_of_the_contracts() -> None:
    for kind in KINDS:
        assert kind.format in {"parquet", "avro"}
        assert [each.name for each in kind.contract.fields if each.primary_key][-1] == kind.key
        assert {kind.time, kind.key} <= set(kind.contract.names())
