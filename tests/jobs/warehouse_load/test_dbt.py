"""The models as a dbt project: dbt builds them, and every test of theirs passes on loads of all sorts."""

from __future__ import annotations

import json
import os
import subprocess
from pathlib import Path

import pytest

from sluice import models, reports, warehouse
from sluice.settings import PROJECT_ROOT
from sluice.warehouse import SQL
from tests.jobs.warehouse_load.lake_maker import load_all_sorts

DBT = PROJECT_ROOT / "build" / "envs" / "dbt" / "bin" / "dbt"


@pytest.mark.skipif(not DBT.exists(), reason="dbt has an environment of its own: make build/envs/dbt/made")
def test_dbt_builds_and_tests_every_model(tmp_path: Path) -> None:
    database, target = tmp_path / "w.duckdb", tmp_path / "target"
    with warehouse.opened(database, create=True) as connection:
        load_all_sorts(connection, tmp_path)
        before = {name: reports.ask(connection, name) for name in reports.names()}
    project = ("--project-dir", SQL, "--profiles-dir", SQL, "--target-path", target, "--log-path", tmp_path / "logs")
    ended = subprocess.run(
        [DBT, "--no-use-colors", "build", *project],
        check=False,
        capture_output=True,
        text=True,
        env=os.environ | {"SLUICE_WAREHOUSE__DATABASE": str(database)},
    )
    assert ended.returncode == 0, ended.stdout
    assert "WARNING" not in ended.stdout
    results = json.loads((target / "run_results.json").read_text(encoding="utf-8"))["results"]
    kinds = [each["unique_id"].partition(".")[0] for each in results]
    assert kinds.count("model") == len(models.in_order())
    assert kinds.count("test") > 100
    manifest = json.loads((target / "manifest.json").read_text(encoding="utf-8"))["nodes"].values()
    analyses = {each["name"].replace("_", "-") for each in manifest if each["resource_type"] == "analysis"}
    assert analyses == set(reports.names())
    with warehouse.opened(database) as connection:
        built = connection.sql("select view_name from duckdb_views() where schema_name = 'dbt'").fetchall()
        assert {each for (each,) in built} == {file.stem for file in models.in_order()}
        for file in models.in_order():
            ours, dbts = (connection.sql(f"from {name}") for name in (f"main.{file.stem}", f"dbt.{file.stem}"))
            assert len(ours.except_(dbts)) == len(dbts.except_(ours)) == 0
        for name, answer in before.items():
            assert reports.ask(connection, name, answer.as_of, answer.as_known) == answer
