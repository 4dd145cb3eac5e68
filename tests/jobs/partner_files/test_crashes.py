"""A look that is killed at any of its steps leaves nothing by halves; the next one does the rest, and nothing twice."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any, NoReturn

from jobs.partner_files import books, main, sftp
from jobs.partner_files.spool import Part, Spool
from sluice import warehouse
from sluice.settings import Settings, Warehouse
from tests.jobs.partner_files.partner import FEED, HEADER, csv, row, serving

KILLED = 9
STEPS: tuple[tuple[Any, str], ...] = (
    (Part, "append"),
    (Part, "sha256"),
    (Spool, "keep"),
    (Spool, "clear"),
    (books, "known"),
    (books, "_append"),
    (books, "_write"),
    (books, "load"),
    (books, "refuse"),
    (Path, "unlink"),
)
CHUNK = 1 << 14


def mortal(dies_at: int) -> None:
    """The process ends where the `dies_at`-th of the steps would begin."""
    passed = 0

    def before(inner: Callable[..., Any]) -> Callable[..., Any]:
        def outer(*arguments: Any, **named: Any) -> Any:
            nonlocal passed
            passed += 1
            if passed == dies_at:
                os._exit(KILLED)
            return inner(*arguments, **named)

        return outer

    for owner, name in STEPS:
        setattr(owner, name, before(getattr(owner, name)))


def look_and_die(settings: Settings, dies_at: int) -> NoReturn:
    sftp._CHUNK = CHUNK
    mortal(dies_at)
    looked = main.fetch(settings, FEED, settings.partner_files.feeds[FEED])
    os._exit(0 if looked.error is None else 1)


def killed(settings: Settings, dies_at: int) -> bool:
    """Whether a look in a process of its own got as far as that; if not, it did all there was."""
    child = os.fork()
    if child == 0:
        try:
            look_and_die(settings, dies_at)
        finally:
            os._exit(1)
    code = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    assert code in {0, KILLED}
    return code == KILLED


def left(settings: Settings) -> tuple[list[Any], list[str]]:
    """What the warehouse and the folders hold, without the moments."""
    queries = (
        "select columns(* exclude (recorded_at))::varchar from chargebacks",
        "select columns(* exclude (loaded_at))::varchar from load_manifest",
        "select columns(* exclude (recorded_at))::varchar from partner_files",
    )
    with warehouse.opened(settings.warehouse.database) as connection:
        rows = [sorted(map(str, connection.execute(each).fetchall())) for each in queries]
    home = settings.partner_files.home
    return rows, sorted(str(each.relative_to(home)) for each in home.rglob("*") if each.is_file())


def at(settings: Settings, root: Path) -> Settings:
    files = settings.partner_files.model_copy(update={"home": root / "home"})
    return settings.model_copy(
        update={"partner_files": files, "warehouse": Warehouse(database=root / "warehouse.duckdb")}
    )


def test_killed_at_any_step(tmp_path: Path) -> None:
    with serving(tmp_path) as (partner, settings):
        partner.sends(csv([row(number) for number in range(300)]))
        partner.sends(csv([row(1)], HEADER.replace("stage", "phase")), "chargebacks_2026-11-23.csv.age")
        (partner.folder / "archive").mkdir()
        whole = at(settings, tmp_path / "whole")
        main.fetch(whole, FEED, whole.partner_files.feeds[FEED])
        wanted = left(whole)
        with warehouse.opened(tmp_path / "new.duckdb", create=True) as connection:
            books.prepare(connection)
        dies_at, died = 0, True
        while died:
            dies_at += 1
            each = at(settings, tmp_path / str(dies_at))
            each.partner_files.home.mkdir(parents=True)
            shutil.copy(tmp_path / "new.duckdb", each.warehouse.database)
            died = killed(each, dies_at)
            looked = main.fetch(each, FEED, each.partner_files.feeds[FEED])
            assert looked.error is None
            assert left(each) == wanted, f"after step {dies_at}"
            assert not died or looked.known + len(looked.entries) == 3
        assert dies_at > 15, "it was killed at each of these"
