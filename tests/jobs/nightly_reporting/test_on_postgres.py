"""The nightly reporting against a real PostgreSQL, as an operator calls it, and with a server that goes away."""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import psycopg
import pyarrow.parquet as pq
import pytest

from jobs.nightly_reporting import extract as extracting
from jobs.nightly_reporting.extract import extract
from jobs.warehouse_load.load import load
from localstack import core_banking
from localstack.core_banking import Transaction
from localstack.ports import free_port, on_free_ports
from localstack.stack import Stack
from sluice import cli, warehouse
from sluice.nightly import NightlyError
from sluice.sections import Nightly
from sluice.settings import Local, Settings, dump
from tests.jobs.warehouse_load.lake_maker import NOON, decision, write

pytestmark = pytest.mark.servers
DAY, NIGHT = NOON.date(), NOON + timedelta(days=1)
BOOKED = core_banking.entries(Transaction("c", f"t{number}", 100 + number, "USD", NOON) for number in range(3))


@pytest.fixture(scope="module")
def stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    """PostgreSQL alone."""
    settings = on_free_ports(Settings(local=Local(postgres_port=15432)), Path(tmp_path_factory.mktemp("nightly")))
    running = Stack(settings)
    running.start(running.postgres)
    yield running
    running.stop(running.postgres)


@pytest.fixture
def source(stack: Stack, request: pytest.FixtureRequest) -> Nightly:
    """A database of its own, without books."""
    name = str(request.node.name).lower()
    with psycopg.connect(stack.settings.nightly.source, autocommit=True) as connection:
        connection.execute(f'create database "{name}"'.encode())
    address = stack.settings.nightly.source.removesuffix("postgres") + name
    return stack.settings.nightly.model_copy(update={"source": address})


def call(stack: Stack, monkeypatch: pytest.MonkeyPatch, *arguments: object) -> int:
    """The exit code of `sluice` with `arguments`."""
    where = () if "--settings" in arguments else ("--settings", stack.settings_file)
    monkeypatch.setattr(sys, "argv", ["sluice", *map(str, (*arguments, *where))])
    with pytest.raises(SystemExit) as ended:
        cli.main()
    return int(ended.value.code or 0)


def test_a_day_as_an_operator_sees_it(
    stack: Stack, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def say(*arguments: object, code: int = 0) -> str:
        assert call(stack, monkeypatch, *arguments) == code
        captured = capsys.readouterr()
        return captured.out + captured.err

    files = write(tmp_path, "decisions", [decision(1, reasons=[], amount_minor=1_250), decision(2, reasons=[])])
    database = stack.settings.warehouse.database
    with warehouse.opened(database, create=True) as connection:
        load(connection, files[:0], lambda: NOON)
    assert f"the warehouse has not been loaded since {DAY} was over" in say("nightly", "run", DAY, code=1)
    with warehouse.opened(database) as connection:
        load(connection, files, lambda: NIGHT)
    assert "no books such as sql/postgres/core_banking.sql describes" in say("nightly", "run", DAY, code=1)
    assert "booked 2 approved transactions of 2026-11-03 as 4 entries" in say("nightly", "simulate", DAY)
    assert "the books of 2026-11-02 are not closed yet" in say("nightly", "run", "2026-11-02", code=1)
    assert "2026-11-03 published as 2026-11-03/1" in say("nightly", "run", DAY)
    report = ("report", "ledger-by-day", "--as-of", DAY, "--format", "csv")
    first = say(*report)
    assert f"{DAY},USD,cardholder,2,1257,0" in first
    known = say("report", "ledger-by-day", "--format", "json").split('"as_known": "')[1][:24]
    assert "is as it was published as 2026-11-03/1" in say("nightly", "run", DAY)

    say("nightly", "simulate", DAY, "--off-by", 1)
    blocked = say("nightly", "run", DAY, code=3)
    assert re.search(r"amount +x +t1 +USD +1,250 +1,251 +1 +x/t1/credit, x/t1/debit", blocked)
    assert "2026-11-03 is BLOCKED (2026-11-03/3): 1 amount; 2026-11-03/1 stays published" in blocked
    elsewhere = stack.settings.local.model_copy(update={"home": tmp_path})
    idle = dump(stack.settings.model_copy(update={"local": elsewhere}), tmp_path / "idle.yaml")
    assert "2026-11-03 is blocked by 1 finding, see" in say("status", "--settings", idle)
    assert "1,251" in say("nightly", "show", "2026-11-03/3")
    assert say(*report) == first
    assert "1 finding let pass by" in say("nightly", "approve", DAY, "--why", "booked by hand")
    assert f"{DAY},USD,cardholder,2,1258,0" in say(*report)
    assert say(*report, "--as-known", known) == first
    assert "booked by hand" in say("nightly", "list")


def rows(source: Nightly, file: Path) -> int:
    return int(pq.read_table(extract(source, DAY, file).entries).num_rows)


def test_entries_and_totals_are_read_as_they_stand(source: Nightly, tmp_path: Path) -> None:
    core_banking.close_day(source.source, DAY, BOOKED, NIGHT)
    found = extract(source, DAY, tmp_path / "e")
    read = pq.read_table(found.entries).to_pylist()
    assert sorted(tuple(each.values()) for each in read) == sorted(map(tuple, BOOKED))
    assert found.controls == (("USD", 6, 303, 303),)


def test_a_connection_that_is_lost_begins_anew(
    source: Nightly, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    core_banking.close_day(source.source, DAY, BOOKED, NIGHT)
    seen: list[str] = []

    def cut(cursor: Any, _: object, table: str) -> None:
        seen.append(table)
        if seen == ["ledger_control_totals", "ledger_entries"]:
            with psycopg.connect(source.source) as other:
                other.execute("select pg_terminate_backend(%s, 5000)", [cursor.connection.info.backend_pid])

    monkeypatch.setattr(extracting, "_check_shape", cut)
    assert rows(source, tmp_path / "e") == len(BOOKED)
    assert len(seen) == 4


def test_a_server_that_stays_away_is_said(source: Nightly, tmp_path: Path) -> None:
    nobody = f"postgresql://sluice@127.0.0.1:{free_port()}/postgres"
    gone = source.model_copy(update={"source": nobody, "attempts": 2})
    with pytest.raises(NightlyError, match=r"the books at 127\.0\.0\.1:\d+/postgres can't be read: .*refused"):
        rows(gone, tmp_path / "e")


def test_amounts_with_decimals_are_refused(source: Nightly, tmp_path: Path) -> None:
    core_banking.close_day(source.source, DAY, BOOKED, NIGHT)
    with psycopg.connect(source.source) as connection:
        connection.execute("alter table ledger_entries alter column amount_minor type numeric(18, 2)")
    with pytest.raises(
        NightlyError, match="column amount_minor of ledger_entries is numeric, and int2 or int4 or int8"
    ):
        rows(source, tmp_path / "e")


def test_a_query_that_takes_too_long_is_given_up(source: Nightly, tmp_path: Path) -> None:
    core_banking.close_day(source.source, DAY, BOOKED, NIGHT)
    hasty = source.model_copy(update={"statement_seconds": 1})
    with psycopg.connect(source.source) as connection:
        connection.execute("lock table ledger_entries in access exclusive mode")
        with pytest.raises(NightlyError, match=r"took longer than nightly\.statement_seconds \(1 s\)"):
            rows(hasty, tmp_path / "e")
