"""What people ask of the hot state in DynamoDB."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from itertools import islice
from typing import TYPE_CHECKING, Any

from botocore.exceptions import BotoCoreError, ClientError

from contracts import reader
from localstack.resources import ALERTS_INDEX
from sluice import aws
from sluice.errors import SluiceError
from sluice.settings import Settings
from udfs.hot_items import plain

if TYPE_CHECKING:
    from mypy_boto3_dynamodb.type_defs import QueryInputPaginateTypeDef

LEAST_START = 12  # characters of a token that are worth looking for: the key id and some of the hash
_CARD_DIGITS = 12  # one less than the shortest card number
_SEARCHED_ALERTS = 1_000  # of each severity, when only the start of a token is known

Fields = dict[str, Any]


class HotStateError(SluiceError):
    """DynamoDB could not answer, or knows nothing of what was asked."""


def severities() -> list[str]:
    """From the least to the gravest, as the contract `alerts` has them."""
    field = next(each for each in reader.load("alerts").fields if each.name == "severity")
    return list(field.options["enum"])


class HotState:
    """Reads the tables that the job `hot_state` writes. Every method raises HotStateError."""

    def __init__(self, settings: Settings) -> None:
        self._tables = settings.hot_state
        self._endpoint = settings.aws.endpoint_url or f"AWS, region {settings.aws.region}"
        self._client = aws.dynamodb(settings.aws)

    def alerts(self, severity: str, since: datetime | None, limit: int) -> list[Fields]:
        """At most `limit` alerts of `severity` and graver, newest event first, from `since` on."""
        found: list[Fields] = []
        for each in severities()[severities().index(severity) :]:
            found.extend(self._alerts_of(each, since, limit))
        return sorted(found, key=lambda alert: str(alert["event_time"]), reverse=True)[:limit]

    def card(self, token: str) -> Fields | None:
        """The card's latest transaction and features."""
        with self._explained(self._tables.cards_table):
            answer = self._client.get_item(TableName=self._tables.cards_table, Key={"card_token": {"S": token}})
        return plain(answer["Item"]) if "Item" in answer else None

    def transactions(self, token: str, limit: int, *, alerted: bool = False) -> list[Fields]:
        """The card's latest transactions, newest event first; only those that raised an alert if so asked."""
        query: QueryInputPaginateTypeDef = {
            "TableName": self._tables.transactions_table,
            "KeyConditionExpression": "card_token = :token",
            "ExpressionAttributeValues": {":token": {"S": token}},
            "ScanIndexForward": False,
        }
        if alerted:
            query["FilterExpression"] = "outcome <> :approve"
            query["ExpressionAttributeValues"] = {":token": {"S": token}, ":approve": {"S": "approve"}}
        return self._query(query, limit)

    def tokens_in_alerts(self, start: str) -> list[str]:
        """Tokens among the latest alerts that begin with `start`; DynamoDB finds a card by its whole token only."""
        found = {
            str(alert["card_token"]) for each in severities() for alert in self._alerts_of(each, None, _SEARCHED_ALERTS)
        }
        return sorted(token for token in found if token.startswith(start))

    def _alerts_of(self, severity: str, since: datetime | None, limit: int) -> list[Fields]:
        query: QueryInputPaginateTypeDef = {
            "TableName": self._tables.alerts_table,
            "IndexName": ALERTS_INDEX,
            "KeyConditionExpression": "severity = :severity",
            "ExpressionAttributeValues": {":severity": {"S": severity}},
            "ScanIndexForward": False,
        }
        if since is not None:
            query["KeyConditionExpression"] = "severity = :severity AND event_time >= :since"
            query["ExpressionAttributeValues"] = {
                ":severity": {"S": severity},
                ":since": {"S": since.isoformat(timespec="milliseconds").replace("+00:00", "Z")},
            }
        return self._query(query, limit)

    def _query(self, query: QueryInputPaginateTypeDef, limit: int) -> list[Fields]:
        with self._explained(query["TableName"]):
            pages = self._client.get_paginator("query").paginate(**query)
            return [plain(each) for each in islice((item for page in pages for item in page["Items"]), limit)]

    @contextmanager
    def _explained(self, table: str) -> Iterator[None]:
        try:
            yield
        except ClientError as error:
            code, message = error.response["Error"]["Code"], error.response["Error"]["Message"]
            if code == "ResourceNotFoundException":
                raise HotStateError(
                    f"DynamoDB at {self._endpoint} has no table {table}; `sluice up` makes it, or set hot_state"
                ) from error
            raise HotStateError(f"DynamoDB at {self._endpoint} refuses to read {table}: {code}, {message}") from error
        except BotoCoreError as error:
            raise HotStateError(
                f"DynamoDB does not answer at {self._endpoint}; start it with `sluice up`, or set aws.endpoint_url"
            ) from error


def find_token(hot: HotState, given: str) -> str:
    """The whole token for `given`, a token or the start of one that a recent alert names. Raises HotStateError."""
    start = given.strip().rstrip("…")
    if "_" not in start and sum(character.isdigit() for character in start) >= _CARD_DIGITS:
        raise HotStateError(
            "that is a number, not a token; never type a card number here, and clear it from your history"
        )
    if hot.card(start) is not None:
        return start
    found: Sequence[str] = hot.tokens_in_alerts(start) if len(start) >= LEAST_START else []
    if len(found) == 1:
        return found[0]
    if found:
        raise HotStateError(
            f"{len(found)} cards begin with {start}, such as {found[0]} and {found[1]}; give more of it"
        )
    raise HotStateError(
        f"no card is known as {start}; give the whole token, KEYID_ and 64 hex digits, "
        f"or its first {LEAST_START} characters or more if the card has a recent alert"
    )
