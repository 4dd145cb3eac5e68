"""What a person reads when the lake can't be reached, or the warehouse is taken."""

from __future__ import annotations

import socket
import subprocess
import sys
from pathlib import Path

import pytest

from jobs.warehouse_load import lake_files
from sluice import warehouse
from sluice.settings import Aws, Lake
from sluice.warehouse import WarehouseError


def test_a_lake_that_does_not_answer_says_where_and_what_to_do() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        where = Aws(endpoint_url=f"http://127.0.0.1:{taken.getsockname()[1]}")
        with pytest.raises(WarehouseError, match=r"s3://sluice-lake/lake can't be listed at http://127.* `sluice up`"):
            list(lake_files.on_s3(where, Lake()))


def test_a_warehouse_in_use_by_another_process_is_waited_for_then_reported(tmp_path: Path) -> None:
    database = tmp_path / "w.duckdb"
    hold = "import duckdb, sys; c = duckdb.connect(sys.argv[1]); print('open', flush=True); sys.stdin.read()"
    command = [sys.executable, "-c", hold, str(database)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as holder:
        assert holder.stdout
        assert holder.stdout.readline() == b"open\n"
        with (
            pytest.raises(WarehouseError, match="in use by another process"),
            warehouse.opened(database, wait_seconds=0.2),
        ):
            pass
        holder.communicate()
    with warehouse.opened(database) as connection:
        assert connection.sql("select 1").fetchall() == [(1,)]


def test_a_file_that_is_no_warehouse_is_named(tmp_path: Path) -> None:
    (tmp_path / "w.duckdb").write_bytes(b"x" * 20_000)
    with pytest.raises(WarehouseError, match=r"w\.duckdb can't be opened"), warehouse.opened(tmp_path / "w.duckdb"):
        pass
