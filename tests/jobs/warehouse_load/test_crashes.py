"""A load that is killed at any of its statements leaves all or nothing; the next one does the rest."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, NoReturn

import pyarrow.parquet as pq

from jobs.warehouse_load.lake_files import LakeFile
from jobs.warehouse_load.load import Loaded, load
from sluice import warehouse
from tests.jobs.warehouse_load.lake_maker import NOON, decision, row, write

FIRST, SECOND = datetime(2026, 11, 4, 9, tzinfo=UTC), datetime(2026, 11, 4, 10, tzinfo=UTC)
KILLED = 9
EVERY = 4  # of the warehouses left behind, so many are loaded into again for one that is
READS = ("('select ", "('describe ", "('from ")
Content = dict[str, list[str]]


class Mortal:
    """A connection whose process ends where the `dies_at`-th call that might change something would be made."""

    def __init__(self, connection: Any, dies_at: int) -> None:
        self._connection = connection
        self._dies_at = dies_at
        self.calls = 0

    def __getattr__(self, name: str) -> Callable[..., Any]:
        def call(*arguments: Any) -> Any:
            self.calls += not str(arguments[:1]).startswith(READS)
            if self.calls == self._dies_at:
                os._exit(KILLED)
            return getattr(self._connection, name)(*arguments)

        return call


def files(root: Path) -> tuple[list[LakeFile], list[LakeFile]]:
    """Those of a first load, and those of a second with all that a load meets: repeats, late rows, files to be held."""
    first = [*write(root, "decisions", [decision(1), decision(2)]), *write(root, "duplicates", [row("duplicates")])]
    late = decision(3, event_time=NOON - timedelta(days=4))
    more = [
        *write(root, "decisions", [decision(2), late], "part-2"),
        *write(root, "quarantine", [row("quarantine")], written="avro"),
    ]
    (bad,) = write(root, "decisions", [decision(4)], "part-3")
    pq.write_table(pq.read_table(bad.path, partitioning=None).drop_columns(["currency"]), bad.path)
    return first, [*first, *more, bad]


def content(database: Path) -> Content:
    """Every row of every table, with its recorded time."""
    with warehouse.opened(database) as connection:
        names = [
            each for (each,) in connection.sql("select table_name from duckdb_tables() where not temporary").fetchall()
        ]
        return {
            name: sorted(str(each) for each in connection.sql(f"select columns(*)::varchar from {name}").fetchall())  # noqa: S608
            for name in names
        }


def loaded(database: Path, which: list[LakeFile], clock: datetime) -> Loaded:
    with warehouse.opened(database, create=True) as connection:
        return load(connection, which, lambda: clock)


def _load_and_die(database: Path, which: list[LakeFile], dies_at: int) -> NoReturn:
    with warehouse.opened(database, create=True) as connection:
        mortal = Mortal(connection, dies_at)
        load(mortal, which, lambda: SECOND)
        os._exit(0)


def killed(database: Path, which: list[LakeFile], dies_at: int) -> bool:
    """Whether a load in a process of its own got as far as that; if not it ended with all done and nothing closed."""
    child = os.fork()
    if child == 0:
        try:
            _load_and_die(database, which, dies_at)
        finally:
            os._exit(1)
    code = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    assert code in {0, KILLED}
    return code == KILLED


def test_killed_at_any_statement(tmp_path: Path) -> None:
    first, second = files(tmp_path)
    database, start = tmp_path / "w.duckdb", tmp_path / "start.duckdb"
    loaded(start, first, FIRST)
    before = content(start)
    shutil.copy(start, database)
    loaded(database, second, SECOND)
    wanted = content(database)
    assert before != wanted
    ends: list[bool] = []
    died = True
    while died:
        for each in tmp_path.glob("w.duckdb*"):
            each.unlink()
        shutil.copy(start, database)
        died = killed(database, second, dies_at=len(ends) + 1)
        left = content(database)
        assert left in (before, wanted), f"at call {len(ends) + 1}"
        ends.append(left == wanted)
        if died and len(ends) % EVERY:
            continue
        again = loaded(database, second, SECOND)
        assert (again.recorded_at is None) == ends[-1]
        assert content(database) == wanted, f"after call {len(ends)}"
    assert len(ends) > 20, "it was killed at each of these"
    assert ends == sorted(ends), "once committed, it stays"
    assert ends[-1]
