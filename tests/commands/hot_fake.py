"""A DynamoDB that answers reads from the items that it is given."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from sluice.settings import HotState
from udfs.hot_items import Item, Put

_TABLES = HotState()


class FakeReads:
    """Knows get_item and the paginated queries of `sluice.hot_state`, with pages of two items."""

    def __init__(self, puts: list[Put]) -> None:
        self._puts = puts

    def get_item(self, TableName: str, Key: Item) -> dict[str, Item]:  # noqa: N803 - boto3's names
        for put in self._puts:
            if put.table == TableName and put.item.items() >= Key.items():
                return {"Item": put.item}
        return {}

    def get_paginator(self, operation: str) -> FakeReads:
        assert operation == "query"
        return self

    def paginate(self, **query: Any) -> Iterator[dict[str, list[Item]]]:
        found = [put.item for put in self._puts if put.table == query["TableName"] and _wanted(put.item, query)]
        order = "event_time" if query["TableName"] == _TABLES.alerts_table else "event_key"
        found.sort(key=lambda item: str(item[order]["S"]), reverse=not query["ScanIndexForward"])
        for start in range(0, len(found), 2):
            yield {"Items": found[start : start + 2]}


def _wanted(item: Item, query: dict[str, Any]) -> bool:
    values = {name: each["S"] for name, each in query["ExpressionAttributeValues"].items()}
    return (
        item["severity" if ":severity" in values else "card_token"]["S"]
        == values.get(":severity", values.get(":token"))
        and item["event_time"]["S"] >= values.get(":since", "")
        and not ("FilterExpression" in query and item["outcome"]["S"] == values[":approve"])
    )
