"""Small files of each kind, and a mapping to vary."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path

import pyarrow as pa
import pyarrow.csv
import pyarrow.parquet
import yaml

from sluice.feed import replay as feed
from sluice.feed.convert import Message
from sluice.feed.mapping import Mapping, load
from sluice.feed.source import open_source
from tests.feed.test_mapping import MAPPINGS

NOON = datetime(2026, 1, 5, 12, tzinfo=UTC)
TABLE = pa.table(
    {
        "transaction_id": [7, 8, 9],
        "event_time": pa.array([NOON, NOON.replace(hour=14), NOON.replace(hour=13)], pa.timestamp("ms", "UTC")),
        "customer_id": [1, 2, 1],
        "terminal_id": [30, 31, 30],
        "amount_cents": [100, 250, 80_001],
    }
)


def written(path: Path) -> Path:
    if path.suffix == ".parquet":
        pyarrow.parquet.write_table(TABLE, path, row_group_size=2)
    elif path.suffix == ".csv":
        pyarrow.csv.write_csv(TABLE, path)
    else:
        rows = [{**row, "event_time": row["event_time"].isoformat()} for row in TABLE.to_pylist()]
        path.write_text("\n".join(map(json.dumps, rows)), encoding="utf-8")
    return path


def replayed(path: Path, mapping: Mapping, shift_ms: int = 0, limit: int | None = None) -> list[Message]:
    source = open_source(path)
    mapping.check(path, source.columns)
    return list(feed.messages(source, mapping, shift_ms, limit))


def mapped(folder: Path, **fields: object) -> Mapping:
    path = folder / "mapping.yaml"
    handbook = yaml.safe_load((MAPPINGS / "handbook.yaml").read_text(encoding="utf-8"))
    path.write_text(yaml.safe_dump({**handbook, **fields}), encoding="utf-8")
    return load(path)
