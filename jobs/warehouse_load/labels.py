"""Loads files of labels: what became known of transactions afterwards, appended with a recorded time of its own."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Callable, Sequence
from datetime import datetime
from pathlib import Path
from typing import NamedTuple

import duckdb
import pyarrow as pa

from jobs.warehouse_load import tables
from sluice import warehouse
from sluice.feed.generate import Label
from sluice.labels import read_labels
from sluice.warehouse import WarehouseError

NAME = "labels"
_SCHEMA = pa.schema(
    [("transaction_id", pa.string()), ("is_fraud", pa.bool_()), ("scenario", pa.string()), ("case", pa.int64())]
)


class LabelsLoaded(NamedTuple):
    """`rows` were new or said otherwise than before; `recorded_at` is None where the file had been loaded."""

    rows: int
    repeats: int
    recorded_at: datetime | None


def load(
    connection: duckdb.DuckDBPyConnection, file: Path, clock: Callable[[], datetime] = warehouse.now
) -> LabelsLoaded:
    """Append the labels of `file`, all or none; the same content is loaded once, whatever its file is called.

    Raises LabelsError for a line that is no label, and WarehouseError where a transaction has two, or where the file
    has other content than when it was loaded.
    """
    path, labels = str(file.resolve()), list(read_labels(file))
    mark = hashlib.sha256(file.read_bytes()).hexdigest()
    _check(file, labels)
    with warehouse.transaction(connection):
        tables.prepare(connection)
        if _is_loaded(connection, path, mark):
            return LabelsLoaded(0, 0, None)
        recorded_at = warehouse.next_recorded(connection, clock())
        connection.register("label_rows", pa.Table.from_pylist([each._asdict() for each in labels], _SCHEMA))
        (rows,) = connection.execute(
            "insert into labels by name select label_rows.*, $recorded_at as recorded_at from label_rows "
            "anti join (from labels qualify row_number() over "
            "(partition by transaction_id order by recorded_at desc) = 1) as latest "
            "on latest.transaction_id = label_rows.transaction_id and latest.is_fraud = label_rows.is_fraud and "
            'latest.scenario = label_rows.scenario and latest."case" is not distinct from label_rows."case"',
            {"recorded_at": recorded_at},
        ).fetchall()[0]
        connection.unregister("label_rows")
        connection.execute(
            "insert into load_manifest values (?, ?, ?, ?, ?)", [path, mark, NAME, len(labels), recorded_at]
        )
    return LabelsLoaded(int(rows), len(labels) - int(rows), recorded_at)


def _check(file: Path, labels: Sequence[Label]) -> None:
    twice = [name for name, count in Counter(each.transaction_id for each in labels).items() if count > 1]
    if twice:
        raise WarehouseError(
            f"{file} has {len(twice):,} transactions more than once, such as {twice[0]}; keep one label"
        )


def _is_loaded(connection: duckdb.DuckDBPyConnection, path: str, mark: str) -> bool:
    loaded = connection.execute("select path, etag from load_manifest where kind = $kind", {"kind": NAME}).fetchall()
    if mark in {etag for _, etag in loaded}:
        return True
    if path in {each for each, _ in loaded}:
        raise WarehouseError(
            f"{path} has changed since its labels were loaded, and these stay; write what changed to a new file"
        )
    return False
