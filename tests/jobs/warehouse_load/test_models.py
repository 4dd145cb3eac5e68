"""The models hold what the yml beside each says, on loads with repeats, late rows and decisions taken anew."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import duckdb
import pytest

from sluice import models, reports, warehouse
from sluice.warehouse import SQL
from tests.jobs.warehouse_load.lake_maker import load_all_sorts

MODELS = models.in_order()
REPORTS = sorted((SQL / "reports").glob("*.sql"))
CHECKS = sorted((SQL / "checks").glob("*.sql"))


@pytest.fixture(scope="module")
def connection(tmp_path_factory: pytest.TempPathFactory) -> Iterator[duckdb.DuckDBPyConnection]:
    root = tmp_path_factory.mktemp("models")
    with warehouse.opened(root / "w.duckdb", create=True) as opened:
        load_all_sorts(opened, root)
        yield opened


def failures(connection: duckdb.DuckDBPyConnection, model: str, column: str, check: Any) -> int:
    """How many rows of the view `model` break `check`."""
    values = duckdb.ColumnExpression(column)
    table = connection.table(model)
    if check == "not_null":
        broken = table.filter(values.isnull())
    elif check == "unique":
        seen = [each for (each,) in table.select(values).fetchall()]
        return len(seen) - len(set(seen))
    else:
        accepted = [duckdb.ConstantExpression(each) for each in check["accepted_values"]["arguments"]["values"]]
        broken = table.filter(values.isnotin(*accepted))
    return len(broken)


def columns(connection: duckdb.DuckDBPyConnection, relation: str) -> list[str]:
    return [each[0] for each in connection.sql(f"describe {relation}").fetchall()]


@pytest.mark.parametrize("file", MODELS, ids=lambda file: file.stem)
def test_columns_and_tests_of_a_model(connection: duckdb.DuckDBPyConnection, file: Path) -> None:
    described = models.described(file)
    assert len(connection.table(file.stem)) > 0, "nothing would be tested"
    assert [each["name"] for each in described["columns"]] == columns(connection, file.stem)
    for column in described["columns"]:
        assert column["description"]
        for check in column.get("data_tests", ()):
            assert failures(connection, file.stem, column["name"], check) == 0, (column["name"], check)


@pytest.mark.parametrize("file", REPORTS, ids=lambda file: file.stem)
def test_columns_of_a_report(connection: duckdb.DuckDBPyConnection, file: Path) -> None:
    described = models.described(file)
    answer = reports.ask(connection, file.stem.replace("_", "-"))
    assert answer.rows
    assert [each["name"] for each in described["columns"]] == list(answer.columns)
    assert all(each["description"] for each in described["columns"])
    nullable = set(described["config"]["meta"]["nullable"])
    for number, name in enumerate(answer.columns):
        if name not in nullable:
            assert all(row[number] is not None for row in answer.rows), name


@pytest.mark.parametrize("file", CHECKS, ids=lambda file: file.stem)
def test_nothing_breaks_a_check(connection: duckdb.DuckDBPyConnection, file: Path) -> None:
    assert connection.sql(models.query(file)).fetchall() == []


def test_only_names_may_stand_in_braces(tmp_path: Path) -> None:
    (tmp_path / "m.sql").write_text("select * from {{ var('x') }}", encoding="utf-8")
    with pytest.raises(ValueError, match=r"m\.sql: only ref\("):
        models.query(tmp_path / "m.sql")


def test_a_check_can_fail(connection: duckdb.DuckDBPyConnection) -> None:
    accepted = {"accepted_values": {"arguments": {"values": ["approve", "block"]}}}
    assert failures(connection, "stg_decisions", "transaction_id", "unique") == 1
    assert failures(connection, "stg_decisions", "outcome", accepted) == 1
    assert failures(connection, "fct_transactions", "superseded_at", "not_null") == 3
