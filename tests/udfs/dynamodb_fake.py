"""A DynamoDB in memory that throttles, leaves items unprocessed, goes away and refuses, as told."""

from __future__ import annotations

import random
import threading
from collections.abc import Callable
from typing import Any

from botocore.exceptions import ClientError

MAX_ITEM_CHARACTERS = 400 * 1024
_OPERATION = "Write"


class FakeDynamo:
    """`throttle` is the share of requests refused until `heal_after` of them were; `before` may raise at will.

    With `leave`, a batch write takes only that share of its items.
    """

    def __init__(self, throttle: float = 0, leave: float = 0, heal_after: int | None = None, seed: int = 1) -> None:
        self.items: dict[tuple[str, str], dict[str, Any]] = {}
        self.requests: list[list[str]] = []
        self.throttled = self.left = 0
        self.conflicts: set[str] = set()
        self.before: Callable[[], None] = lambda: None
        self._throttle, self._leave, self._heal_after = throttle, leave, heal_after
        self._chance = random.Random(seed)
        self._lock = threading.Lock()

    def batch_write_item(self, RequestItems: dict[str, list[Any]]) -> dict[str, Any]:  # noqa: N803 - boto3's name
        (table, requests), *others = RequestItems.items()
        assert not others
        assert len(requests) <= 25
        with self._lock:
            self._enter([each["PutRequest"]["Item"] for each in requests], "ThrottlingException")
            keep = [each for each in requests if self._chance.random() >= self._leave]
            left = [each for each in requests if each not in keep]
            self.left += len(left)
            for each in keep:
                self._put(table, each["PutRequest"]["Item"])
        return {"UnprocessedItems": {table: left} if left else {}}

    def transact_write_items(self, TransactItems: list[dict[str, Any]]) -> dict[str, Any]:  # noqa: N803 - boto3's name
        assert len(TransactItems) <= 100
        puts = [each["Put"] for each in TransactItems]
        with self._lock:
            self._enter([put["Item"] for put in puts], "ThrottlingException")
            codes = [self._reason(put) for put in puts]
            if any(code != "None" for code in codes):
                raise refusal("TransactionCanceledException", CancellationReasons=[{"Code": code} for code in codes])
            for put in puts:
                self._put(put["TableName"], put["Item"])
        return {}

    def _enter(self, items: list[dict[str, Any]], code: str) -> None:
        identities = [_identity(item) for item in items]
        self.requests.append(identities)
        assert len(set(identities)) == len(identities), "DynamoDB refuses a request that names an item twice"
        self.before()
        healed = self._heal_after is not None and self.throttled >= self._heal_after
        if not healed and self._chance.random() < self._throttle:
            self.throttled += 1
            raise refusal(code)
        if any(len(str(item)) > MAX_ITEM_CHARACTERS for item in items):
            raise refusal("ValidationException", "Item size has exceeded the maximum allowed size")

    def _reason(self, put: dict[str, Any]) -> str:
        if _identity(put["Item"]) in self.conflicts:
            self.conflicts.remove(_identity(put["Item"]))
            return "TransactionConflict"
        stored = self.items.get((put["TableName"], _identity(put["Item"])))
        stale = stored is not None and stored["version"]["S"] >= put["ExpressionAttributeValues"][":version"]["S"]
        return "ConditionalCheckFailed" if stale else "None"

    def _put(self, table: str, item: dict[str, Any]) -> None:
        self.items[table, _identity(item)] = item


def refusal(code: str, message: str = "", **extra: Any) -> ClientError:
    response: Any = {"Error": {"Code": code, "Message": message}, **extra}
    return ClientError(response, _OPERATION)


def _identity(item: dict[str, Any]) -> str:
    return str(item["id"]["S"])
