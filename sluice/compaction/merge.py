"""Files of one schema into one file, row by row as they are."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import duckdb
import fastavro
import pyarrow as pa
import pyarrow.parquet as pq

from sluice import lake_rows
from sluice.lake_layout import Kind, is_avro

_BATCH_ROWS = 8_192
_GROUP_BYTES = 32 << 20
"""So many bytes of rows are in memory at once, and become a row group of the merged file."""


class Content(NamedTuple):
    """How many rows, and the sum of their hashes, whatever their order."""

    rows: int
    checksum: int


def schema_of(file: Path) -> str:
    """The schema that a file says it has; files are merged only with others that say the same."""
    if is_avro(str(file)):
        with file.open("rb") as stream:
            return json.dumps(fastavro.reader(stream).writer_schema)
    return str(pq.read_schema(file).remove_metadata())


def merge(files: Sequence[Path], target: Path) -> None:
    """All rows of `files`, in their order, into `target`; memory is bounded by a row group of each."""
    if is_avro(str(target)):
        _merge_avro(files, target)
    else:
        _merge_parquet(files, target)


def _merge_parquet(files: Sequence[Path], target: Path) -> None:
    schema = pq.read_schema(files[0]).remove_metadata()
    with pq.ParquetWriter(target, schema, compression="zstd") as out:
        for group in _groups(files):
            out.write_table(pa.Table.from_batches(group, schema))


def _groups(files: Sequence[Path]) -> Iterator[list[pa.RecordBatch]]:
    held: list[pa.RecordBatch] = []
    held_bytes = 0
    for file in files:
        with pq.ParquetFile(file) as opened:
            for batch in opened.iter_batches(_BATCH_ROWS):
                held.append(batch)
                held_bytes += batch.nbytes
                if held_bytes >= _GROUP_BYTES:
                    yield held
                    held, held_bytes = [], 0
    if held:
        yield held


def _merge_avro(files: Sequence[Path], target: Path) -> None:
    with files[0].open("rb") as stream:
        schema: Any = fastavro.reader(stream).writer_schema
    with target.open("wb") as out:
        fastavro.writer(out, schema, _records(files), codec="deflate")


def _records(files: Sequence[Path]) -> Iterator[Any]:
    for file in files:
        with file.open("rb") as stream:
            yield from fastavro.reader(stream)


def content(kind: Kind, files: Sequence[Path]) -> Content:
    """What is in `files`, read by other means than they were written with."""
    with duckdb.connect(config={"memory_limit": "1GB", "temp_directory": str(files[0].parent)}) as connection:
        connection.execute("set TimeZone = 'UTC'")
        lake_rows.view(connection, "files", kind, [str(each) for each in files])
        named = sorted(name for name, *_ in connection.execute("describe files").fetchall())
        columns = ", ".join(f'"{name}"' for name in named if name not in {lake_rows.FILE, lake_rows.ROW})
        ((rows, checksum),) = connection.execute(
            f"select count(*), coalesce(sum(hash({columns})::hugeint), 0) from files"  # noqa: S608 - names of our own files
        ).fetchall()
    return Content(int(rows), int(checksum))
