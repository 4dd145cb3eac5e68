"""The models hold what the yml beside each says, on loads with repeats, late rows and decisions taken anew."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import duckdb
import pytest
import yaml

from jobs.warehouse_load.load import load
from sluice import reports, warehouse
from sluice.warehouse import SQL
from tests.jobs.warehouse_load.lake_maker import NOON, decision, write

MODELS = sorted(SQL.glob("*/*.yml"))


@pytest.fixture(scope="module")
def connection(tmp_path_factory: pytest.TempPathFactory) -> Iterator[duckdb.DuckDBPyConnection]:
    root = tmp_path_factory.mktemp("models")
    with warehouse.opened(root / "w.duckdb", create=True) as opened:
        load(opened, write(root, "decisions", [decision(1), decision(2, outcome="block"), decision(1)]))
        again = decision(1, decision_id="d1-again", outcome="review")
        late = decision(3, event_time=NOON - timedelta(days=5), currency="EUR")
        load(opened, write(root, "decisions", [again, late, decision(2)], name="part-2"))
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
        accepted = [duckdb.ConstantExpression(each) for each in check["accepted_values"]]
        broken = table.filter(values.isnotin(*accepted))
    return len(broken)


def relation(connection: duckdb.DuckDBPyConnection, file: Path) -> tuple[str, list[str]]:
    """The name and columns of the model in `file`; a report's answer is put into a table first."""
    if file.parent.name == "reports":
        answer = reports.ask(connection, file.stem.replace("_", "-"))
        query = file.with_suffix(".sql").read_text(encoding="utf-8")
        parameters = {"as_of": answer.as_of, "as_known": answer.as_known}
        connection.execute(f"create or replace temp table {file.stem} as {query}", parameters)
    return file.stem, [each[0] for each in connection.sql(f"describe {file.stem}").fetchall()]


@pytest.mark.parametrize("file", MODELS, ids=lambda file: file.stem)
def test_columns_and_checks_of_the_yml(connection: duckdb.DuckDBPyConnection, file: Path) -> None:
    described = yaml.safe_load(file.read_text(encoding="utf-8"))
    model, columns = relation(connection, file)
    assert described["model"] == model
    assert [each["name"] for each in described["columns"]] == columns
    for column in described["columns"]:
        assert column["description"]
        for check in column["checks"]:
            assert failures(connection, model, column["name"], check) == 0, (column["name"], check)


def test_every_model_is_described() -> None:
    models = [
        file.with_suffix(".yml") for layer in ("staging", "marts", "reports") for file in SQL.glob(f"{layer}/*.sql")
    ]
    assert sorted(models) == MODELS


def test_a_check_can_fail(connection: duckdb.DuckDBPyConnection) -> None:
    assert failures(connection, "stg_decisions", "transaction_id", "unique") == 1
    assert failures(connection, "stg_decisions", "outcome", {"accepted_values": ["approve", "block"]}) == 1
    assert failures(connection, "fct_transactions", "superseded_at", "not_null") == 3
