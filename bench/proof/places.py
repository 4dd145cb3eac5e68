"""Reads back what the carrying jobs have written."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, Any

import duckdb

from bench.proof.judge import At, Facts
from contracts import reader
from jobs.warehouse_load import lake_files
from sluice import lake_rows
from sluice.lake_layout import KINDS, Kind
from sluice.settings import Settings
from udfs.hot_items import plain

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

FEATURES = reader.card_feature_names()


def parquet(settings: Settings) -> dict[str, list[Facts]]:
    """Every row of the lake by kind, timestamps as on the wire."""
    with duckdb.connect() as connection:
        connection.execute("set TimeZone = 'UTC'")
        lake_files.let_read(connection, settings.aws)
        paths = lake_files.paths_by_kind(lake_files.on_s3(settings.aws, settings.lake))
        return {kind.name: list(_rows(connection, kind, paths[kind.name])) for kind in KINDS}


def _rows(connection: duckdb.DuckDBPyConnection, kind: Kind, paths: list[str]) -> Iterator[Facts]:
    contract = kind.contract
    columns = [
        f"strftime({each.name}, '%Y-%m-%dT%H:%M:%S.%gZ') as {each.name}" if each.type == "timestamp" else each.name
        for each in contract.fields
    ]
    lake_rows.view(connection, "files", kind, paths)
    result = connection.execute(f"select {', '.join(columns)} from files")  # noqa: S608 - our own names
    for row in result.fetchall():
        yield dict(zip(contract.names(), row, strict=True))


def items(client: DynamoDBClient, table: str) -> list[Facts]:
    pages = client.get_paginator("scan").paginate(TableName=table, PaginationConfig={"PageSize": 1_000})
    return [plain(item) for page in pages for item in page["Items"]]


def of_transactions(found: Iterable[Facts]) -> dict[tuple[str, str], tuple[Any, ...]]:
    return {
        (row["card_token"], row["transaction_id"]): (row["event_time"], row["amount_minor"], row["outcome"])
        for row in found
    }


def expected_transactions(decisions: Mapping[At, Facts]) -> dict[tuple[str, str], tuple[Any, ...]]:
    return of_transactions(decisions.values())


def of_cards(found: Iterable[Facts]) -> dict[str, tuple[Any, ...]]:
    return {
        row["card_token"]: (row["transaction_id"], row["outcome"], tuple(row[name] for name in FEATURES))
        for row in found
    }


def expected_cards(decisions: Mapping[At, Facts]) -> dict[str, tuple[Any, ...]]:
    """The state after each card's last transaction in the order of arrival."""
    last = {row["card_token"]: row for _, row in sorted(decisions.items())}
    return {token: (row["transaction_id"], row["outcome"], tuple(row["features"])) for token, row in last.items()}
