"""Writes items to DynamoDB until each is there, has been overtaken by a newer one, or can never be written."""

from __future__ import annotations

import logging
import random
import threading
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any, NamedTuple

from botocore.exceptions import BotoCoreError, ClientError, ParamValidationError

from udfs.hot_items import Put
from udfs.redaction import mask

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

BATCH_ITEMS, TRANSACTION_ITEMS = 25, 100  # what DynamoDB takes in one BatchWriteItem and one TransactWriteItems
FIRST_PAUSE_S, LONGEST_PAUSE_S = 0.05, 10.0
_DOUBLINGS = 10
_LOGGED_PAUSE_S = 1.0
_REFUSALS = {"ValidationException", "ValidationError", "ItemCollectionSizeLimitExceeded", "413"}

_log = logging.getLogger(__name__)

Refused = dict[int, str]


class StoppedError(RuntimeError):
    """Writing was stopped while items waited; the next attempt from the last checkpoint writes them."""


class Reply(NamedTuple):
    """What one request left to be written, the rows it can never write with the cause, and why the rest was left."""

    left: list[Put]
    refused: Refused
    trouble: str | None = None


class DynamoWriter:
    """Parallel requests with back-off. `wait` pauses for some seconds and returns whether to stop."""

    def __init__(self, client: DynamoDBClient, writers: int, wait: Callable[[float], bool] | None = None) -> None:
        self._client = client
        self._stop = threading.Event()
        self._wait = wait or self._stop.wait
        self._pool = ThreadPoolExecutor(writers, thread_name_prefix="dynamodb-writer")

    def write(self, puts: Iterable[Put]) -> Refused:
        """Write all of `puts`, which name each item once; returns row number to cause for what can't be written.

        It takes as long as DynamoDB takes: while that throttles or is away, attempts go on at growing intervals.
        Raises StoppedError.
        """
        refused: Refused = {}
        try:
            for each in self._pool.map(self._deliver, list(_requests(puts))):
                refused |= each
        except BaseException:
            self.close()
            raise
        return refused

    def close(self) -> None:
        self._stop.set()
        self._pool.shutdown(wait=False, cancel_futures=True)

    def _deliver(self, puts: list[Put]) -> Refused:
        refused: Refused = {}
        attempt = 0
        while puts:
            if self._stop.is_set():
                raise StoppedError(f"stopped with {len(puts)} items for {puts[0].table} still to write")
            reply = self._send(puts)
            refused |= reply.refused
            progress = len(reply.left) < len(puts)
            puts = reply.left
            if puts and (reply.trouble or not progress):
                attempt = 0 if progress else attempt + 1
                self._pause(attempt, puts, reply.trouble)
        return refused

    def _send(self, puts: list[Put]) -> Reply:
        try:
            return _put_all(self._client, puts) if puts[0].version is None else _put_newer(self._client, puts)
        except ParamValidationError as error:
            return self._isolate(puts, str(error))
        except ClientError as error:
            code = error.response["Error"]["Code"]
            if code in _REFUSALS:
                return self._isolate(puts, error.response["Error"]["Message"] or "the request is too large")
            return Reply(puts, {}, code)
        except BotoCoreError as error:
            return Reply(puts, {}, str(error))

    def _isolate(self, puts: list[Put], cause: str) -> Reply:
        """DynamoDB refused a request as a whole: find the items at fault by halving it."""
        if len(puts) == 1:
            return Reply([], {puts[0].row: _in_words(puts[0], cause)})
        middle = len(puts) // 2
        return Reply([], self._deliver(puts[:middle]) | self._deliver(puts[middle:]))

    def _pause(self, attempt: int, puts: list[Put], trouble: str | None) -> None:
        """Exponential back-off; the upper half of each pause is chance, so that parallel writers part."""
        longest = min(LONGEST_PAUSE_S, FIRST_PAUSE_S * 2 ** min(attempt, _DOUBLINGS))
        seconds = random.uniform(longest / 2, longest)  # noqa: S311 - jitter, no secret
        if seconds >= _LOGGED_PAUSE_S:
            _log.warning(
                "DynamoDB does not take %d items for %s (%s); attempt %d failed, the next follows in %.1f s",
                *(len(puts), puts[0].table, trouble, attempt, seconds),
            )
        if self._wait(seconds):
            self._stop.set()


def _requests(puts: Iterable[Put]) -> Iterator[list[Put]]:
    """Cut into requests: of one table each, and small enough for DynamoDB."""
    by_table: dict[str, list[Put]] = {}
    for put in puts:
        by_table.setdefault(put.table, []).append(put)
    for group in by_table.values():
        size = BATCH_ITEMS if group[0].version is None else TRANSACTION_ITEMS
        for start in range(0, len(group), size):
            yield group[start : start + size]


def _put_all(client: DynamoDBClient, puts: list[Put]) -> Reply:
    table = puts[0].table
    response = client.batch_write_item(RequestItems={table: [{"PutRequest": {"Item": put.item}} for put in puts]})
    unprocessed = response.get("UnprocessedItems", {}).get(table, [])
    waiting = {tuple(each["PutRequest"]["Item"][name]["S"] for name in puts[0].key) for each in unprocessed}
    left = [put for put in puts if put.identity()[1:] in waiting]
    return Reply(left, {}, "unprocessed items" if left else None)


def _put_newer(client: DynamoDBClient, puts: list[Put]) -> Reply:
    try:
        client.transact_write_items(TransactItems=[{"Put": _unless_newer(put)} for put in puts])
    except ClientError as error:
        reasons: Sequence[Mapping[str, Any]] = error.response.get("CancellationReasons", [])
        if len(reasons) != len(puts):
            raise
        return _without_stale(puts, reasons)
    return Reply([], {})


def _unless_newer(put: Put) -> Any:
    return {
        "TableName": put.table,
        "Item": put.item,
        "ConditionExpression": "attribute_not_exists(version) OR version < :version",
        "ExpressionAttributeValues": {":version": {"S": put.version}},
    }


def _without_stale(puts: list[Put], reasons: Sequence[Mapping[str, Any]]) -> Reply:
    """A cancelled transaction wrote nothing: what failed its condition has been overtaken, the rest is sent again."""
    left: list[Put] = []
    refused: Refused = {}
    trouble = None
    for put, reason in zip(puts, reasons, strict=True):
        code = reason.get("Code", "None")
        if code in _REFUSALS:
            refused[put.row] = _in_words(put, reason.get("Message") or code)
        elif code != "ConditionalCheckFailed":
            left.append(put)
            trouble = trouble if code == "None" else code
    return Reply(left, refused, trouble)


def _in_words(put: Put, cause: str) -> str:
    return f"DynamoDB refuses the item for {put.table}: {mask(cause.encode(errors='replace'))}"
