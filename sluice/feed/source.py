"""Foreign files, read batch by batch: Parquet, CSV and JSON lines."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import islice
from pathlib import Path
from typing import Any, Protocol

import orjson
import pyarrow as pa
import pyarrow.csv
import pyarrow.parquet

from sluice.feed.errors import FeedError

ROWS = 20_000

Batch = dict[str, list[Any]]
"""Column to values, all of one length. A timestamp is an integer: milliseconds since 1970, UTC."""


class Source(Protocol):
    """A file with `columns`; those in `instants` hold timestamps. `rows` is None where only reading would tell."""

    path: Path
    columns: tuple[str, ...]
    instants: frozenset[str]
    rows: int | None

    def batches(self, columns: Sequence[str]) -> Iterator[Batch]:
        """Every row, in the order of the file, with nothing in columns that it lacks; FeedError where it is broken."""

    def last(self, column: str) -> int | None:
        """The greatest value of a column of instants, where the file says so without being read."""


def _values(array: Any) -> list[Any]:
    if pa.types.is_timestamp(array.type):
        array = array.cast(pa.timestamp("ms", array.type.tz), safe=False).cast(pa.int64())
    if array.null_count or pa.types.is_nested(array.type) or pa.types.is_temporal(array.type):
        return list(array.to_pylist())
    return list(array.to_numpy(zero_copy_only=False).tolist())


def _batch(batch: Any, columns: Sequence[str]) -> Batch:
    present = set(batch.schema.names)
    return {name: _values(batch.column(name)) if name in present else [None] * batch.num_rows for name in columns}


class Parquet:
    def __init__(self, path: Path) -> None:
        self.path = path
        self._file = pyarrow.parquet.ParquetFile(path)
        schema = self._file.schema_arrow
        self.columns = tuple(schema.names)
        self.instants = frozenset(each.name for each in schema if pa.types.is_timestamp(each.type))
        self.rows: int | None = self._file.metadata.num_rows

    def batches(self, columns: Sequence[str]) -> Iterator[Batch]:
        for batch in self._file.iter_batches(
            batch_size=ROWS, columns=[each for each in columns if each in self.columns]
        ):
            yield _batch(batch, columns)

    def last(self, column: str) -> int | None:
        groups = [self._file.metadata.row_group(number) for number in range(self._file.num_row_groups)]
        place = self._file.schema_arrow.get_field_index(column)
        statistics = [group.column(place).statistics for group in groups]
        if not statistics or any(each is None or not each.has_min_max for each in statistics):
            return None
        highest = pa.array([each.max for each in statistics], self._file.schema_arrow.field(column).type)
        latest: int = max(_values(highest))
        return latest


class Csv:
    """Every value is a text, so that a code keeps its leading zeros; an empty one is none."""

    def __init__(self, path: Path) -> None:
        self.path = path
        with pyarrow.csv.open_csv(path) as opened:
            self.columns = tuple(opened.schema.names)
        self.instants: frozenset[str] = frozenset()
        self.rows: int | None = None

    def batches(self, columns: Sequence[str]) -> Iterator[Batch]:
        options = pyarrow.csv.ConvertOptions(
            include_columns=[each for each in columns if each in self.columns],
            column_types=dict.fromkeys(columns, pa.string()),
            null_values=[""],
            strings_can_be_null=True,
        )
        with pyarrow.csv.open_csv(self.path, convert_options=options) as opened:
            for batch in opened:
                yield _batch(batch, columns)

    def last(self, _: str) -> int | None:
        return None


class JsonLines:
    """The columns are the keys of the first rows; a key that a row lacks is none."""

    def __init__(self, path: Path) -> None:
        self.path = path
        first = next(self.rows_of_batches(), [])
        self.columns = tuple(dict.fromkeys(name for row in first for name in row))
        self.instants: frozenset[str] = frozenset()
        self.rows: int | None = None

    def rows_of_batches(self) -> Iterator[list[dict[str, Any]]]:
        """Every row as it stands there, some at a time; FeedError where one is no JSON object."""
        with self.path.open("rb") as lines:
            numbered = enumerate(lines, 1)
            while chunk := list(islice(numbered, ROWS)):
                yield [self._row(number, line) for number, line in chunk if not line.isspace()]

    def _row(self, number: int, line: bytes) -> dict[str, Any]:
        try:
            row = orjson.loads(line)
        except orjson.JSONDecodeError:
            row = None
        if not isinstance(row, dict):
            raise FeedError(f"line {number:,} of {self.path} is no JSON object; mend it or take it out")
        return row

    def batches(self, columns: Sequence[str]) -> Iterator[Batch]:
        for rows in self.rows_of_batches():
            yield {name: [row.get(name) for row in rows] for name in columns}

    def last(self, _: str) -> int | None:
        return None


_FORMATS: dict[str, type[Parquet | Csv | JsonLines]] = {".parquet": Parquet, ".csv": Csv, ".jsonl": JsonLines}


def open_rows(path: Path) -> Iterator[dict[str, Any]]:
    """The objects in a file of JSON lines; FeedError where it is none."""
    if path.suffix != ".jsonl":
        raise FeedError(f"{path} must end in .jsonl; `sluice generate` writes one such file")
    source = open_source(path)
    assert isinstance(source, JsonLines)
    return (row for rows in source.rows_of_batches() for row in rows)


def open_source(path: Path) -> Source:
    """The file at `path`, by its extension; FeedError where there is none or it is not of its kind."""
    if path.suffix not in _FORMATS:
        raise FeedError(f"{path} cannot be replayed: the name must end in one of {', '.join(_FORMATS)}")
    try:
        return _FORMATS[path.suffix](path)
    except OSError as error:
        raise FeedError(f"{path} cannot be read: {error.strerror or error}") from error
    except pa.ArrowInvalid as error:
        raise FeedError(f"{path} is no readable {path.suffix[1:]} file: {str(error).splitlines()[0]}") from error
