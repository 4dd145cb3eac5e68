"""Flink SQL columns out of the contracts."""

from __future__ import annotations

from pathlib import Path

import pytest

from contracts.reader import Field, load
from sluice import flink_ddl


def test_an_interval_has_every_unit() -> None:
    assert flink_ddl.interval(600_000) == "interval '0 00:10:00.000' day(3) to second(3)"
    assert flink_ddl.interval(9 * 86_400_000 + 3_723_004) == "interval '9 01:02:03.004' day(3) to second(3)"


def test_every_logical_type() -> None:
    integer = Field("n", "integer", required=True)
    fields = [
        Field("id", "string", required=True),
        Field("at", "timestamp", required=False),
        Field("list", "array", required=True, items=integer),
        Field("map", "map", required=True),
        Field("rows", "array", required=True, items=Field("item", "object", required=True, properties=(integer,))),
    ]
    assert flink_ddl.columns(fields, not_null=True).split(",\n    ") == [
        "`id` STRING NOT NULL",
        "`at` TIMESTAMP_LTZ(3)",
        "`list` ARRAY<BIGINT> NOT NULL",
        "`map` MAP<STRING, BIGINT> NOT NULL",
        "`rows` ARRAY<ROW<`n` BIGINT>> NOT NULL",
    ]
    assert "NOT NULL" not in flink_ddl.columns(fields)
    assert flink_ddl.names(fields[:2]) == "`id`, `at`"


def test_wall_time_wherever_a_timestamp_stands() -> None:
    at = Field("at", "timestamp", required=True)
    fields = [Field("id", "string", required=True), at, Field("list", "array", required=True, items=at)]
    columns = "`id` STRING, `at` TIMESTAMP(3), `list` ARRAY<TIMESTAMP(3)>"
    assert flink_ddl.columns(fields, wall_time=True).split(",\n    ") == columns.split(", ")
    selected = "`id`, cast(`at` as TIMESTAMP(3)), cast(`list` as ARRAY<TIMESTAMP(3)>)"
    assert flink_ddl.names(fields, wall_time=True) == selected


@pytest.mark.parametrize("contract", ["transactions", "decisions", "alerts", "quarantine", "duplicates"])
def test_every_field_of_every_topic_has_a_type(contract: str) -> None:
    fields = load(contract).fields
    assert len(flink_ddl.columns(fields).split("\n")) == len(fields)


@pytest.mark.parametrize("field", [Field("f", "number", required=True), Field("f", "array", required=True)])
def test_an_unknown_type_names_the_field(field: Field) -> None:
    with pytest.raises(ValueError, match="field f: no Flink SQL type for logical type"):
        flink_ddl.column_type(field)


def test_quotes_stay_inside_what_is_quoted() -> None:
    assert flink_ddl.literal("it's") == "'it''s'"
    assert flink_ddl.quoted("a`b") == "`a``b`"


def test_a_statement_without_a_value_for_a_placeholder_is_an_error(tmp_path: Path) -> None:
    file = tmp_path / "one.sql"
    file.write_text("select $column", encoding="utf-8")
    assert flink_ddl.fill(file, column="`a`") == "select `a`"
    with pytest.raises(KeyError, match="column"):
        flink_ddl.fill(file)
