"""The decided transactions of the lake that the deciding job's state follows from, in the order of their messages."""

from __future__ import annotations

from collections.abc import Container, Iterable, Iterator, Mapping, Sequence
from datetime import date, timedelta

import duckdb
import pyarrow as pa

from jobs.warehouse_load.lake_files import LakeFile
from sluice import lake_rows
from sluice.errors import SluiceError
from sluice.lake_layout import FORGOTTEN_DAYS, KINDS
from sluice.settings import Settings
from udfs.gated_again import TIMES
from udfs.validation import Bounds

DECISIONS = next(kind for kind in KINDS if kind.name == "decisions")
BATCH = 10_000
_DAY_MS = 86_400_000
_EPOCH = date(1970, 1, 1)
_WITH_HISTORY = "and lake.degraded is null"
"""What was decided without left no state behind."""


def since_ms(next_ms: int, limits: Bounds) -> int:
    """From which append time on messages count for the state of a log that goes on at `next_ms`.

    A card that is not forgotten has a transaction of the last 15 days, with an event time as old as the gate lets in.
    What came before both has an older event time: no window reaches back to it, nor does the time since the last.
    """
    return next_ms - FORGOTTEN_DAYS * _DAY_MS - limits.max_age_ms - limits.max_ahead_ms


def check_retention(settings: Settings, since: int, limits: Bounds, today: date) -> None:
    """Raise SluiceError where retention has removed days that messages from `since` on may be of, in ms since 1970."""
    kept = settings.lake.retention_days.decisions
    if kept is not None and _first_day(since, limits) < (oldest := (today - timedelta(days=kept) - _EPOCH).days):
        raise SluiceError(
            f"state has to be built from decisions since {_EPOCH + timedelta(days=_first_day(since, limits))}, and the "
            f"lake keeps them since {_EPOCH + timedelta(days=oldest)} only (lake.retention_days.decisions is {kept}); "
            f"raise it, if nothing of that time has been deleted yet, or begin without state: `sluice submit`"
        )


def _first_day(since: int, limits: Bounds) -> int:
    return (since - limits.max_age_ms) // _DAY_MS


def paths(files: Iterable[LakeFile], since: int, limits: Bounds) -> list[str]:
    """The files that may hold decisions on messages appended from `since` on, in ms since 1970."""
    first = _first_day(since, limits)
    return [each.path for each in files if each.kind == DECISIONS.name and _day(each.path) >= first]


def _day(path: str) -> int:
    """The day of a file's folder, that of its events, since 1970."""
    written = path.partition(f"/{DECISIONS.day}=")[2].partition("/")[0]
    return (date.fromisoformat(written) - _EPOCH).days


def collect(
    connection: duckdb.DuckDBPyConnection,
    files: Sequence[str],
    columns: Sequence[str],
    ends: Mapping[int, int],
    since: int,
) -> int:
    """Make the table `decided` of the messages before `ends`, an offset for each partition; how many there are.

    A message that was decided several times, as after a restart, stands there once. A field that the contract has
    gained since is null. Raises SluiceError where the files can't be read.
    """
    try:
        connection.execute("create table ends (source_partition bigint, source_end bigint)")
        connection.executemany("insert into ends values (?, ?)", [list(each) for each in ends.items()])
        lake_rows.view(connection, "decisions", DECISIONS, files)
        held = {name for name, *_ in connection.execute("describe decisions").fetchall()}
        connection.execute(
            f"create table decided as select {', '.join(_column(name, held) for name in columns)} "  # noqa: S608  # our names
            "from decisions as lake join ends using (source_partition) "
            "where lake.source_offset < source_end and lake.ingested_at >= make_timestamp_ms($since) "
            f"{_WITH_HISTORY if 'degraded' in held else ''} "
            "qualify row_number() over (partition by source_partition, source_offset order by decision_id) = 1",
            {"since": since},
        )
        (count,) = connection.execute("select count(*) from decided").fetchall()[0]
    except duckdb.Error as error:
        raise SluiceError(f"{len(files)} files of the lake can't be read: {str(error).splitlines()[0]}") from error
    return int(count)


def _column(name: str, held: Container[str]) -> str:
    """How a column is selected from files that have `held`; moments as GatedAgain takes them."""
    if name not in held:
        return f'null::varchar as "{name}"'
    return f'epoch_ms(lake."{name}") as "{name}"' if name in TIMES else f'"{name}"'


def batches(connection: duckdb.DuckDBPyConnection) -> Iterator[pa.RecordBatch]:
    """The table `decided` in the order of its messages, partition by partition."""
    rows = connection.execute("select * from decided order by source_partition, source_offset")
    yield from rows.to_arrow_reader(BATCH)
