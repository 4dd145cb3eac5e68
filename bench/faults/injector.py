"""Which request to a cloud service meets which fault: decided by rules and a seed, without any network."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum
from random import Random
from typing import Any
from urllib.parse import parse_qs, urlsplit

_TARGET = "x-amz-target"
CONDITIONS = ("ConditionExpression", "ExpressionAttributeValues")


class Fault(Enum):
    THROTTLED = "throttled"
    """DynamoDB refuses the request, because too many have come."""
    UNPROCESSED = "unprocessed"
    """DynamoDB writes some items of a batch and hands the others back."""
    UNAVAILABLE = "unavailable"
    """S3 answers 503."""
    HELD_BACK = "held back"
    """The request waits, and is dropped in the end."""
    UNANSWERED = "unanswered"
    """The request is carried out, and its answer waits and is dropped."""
    SLOWED = "slowed"
    """The request is carried out later."""


@dataclass(frozen=True)
class Rule:
    """`operations` as `operation` names them; `share` of their requests meet the fault, once `after` have passed."""

    fault: Fault
    operations: frozenset[str]
    share: float = 1.0
    after: int = 0


def operation(method: str, path: str, headers: Mapping[str, str]) -> str:
    """What a request asks for, such as `dynamodb:BatchWriteItem` or `s3:UploadPart`; header names in lower case."""
    if _TARGET in headers:
        return f"dynamodb:{headers[_TARGET].partition('.')[2]}"
    parts = urlsplit(path)
    query = parse_qs(parts.query, keep_blank_values=True)
    has_key = "/" in parts.path.strip("/")
    if "uploads" in query:
        return "s3:CreateMultipartUpload" if method == "POST" else "s3:ListMultipartUploads"
    if "uploadId" in query:
        names = {"PUT": "UploadPart", "POST": "CompleteMultipartUpload", "DELETE": "AbortMultipartUpload"}
        return f"s3:{names.get(method, 'ListParts')}"
    names = {"PUT": "PutObject", "GET": "GetObject", "HEAD": "HeadObject", "DELETE": "DeleteObject"}
    return f"s3:{names.get(method, method)}" if has_key else f"s3:{method} bucket"


class Injector:
    """Decides by `rules`, which may be changed at any time, and counts what it has decided."""

    def __init__(self, rng: Random) -> None:
        self._rng = rng
        self._rules: tuple[Rule, ...] = ()
        self._matched: Counter[Rule] = Counter()
        self.counts: Counter[tuple[Fault, str]] = Counter()

    def follow(self, *rules: Rule) -> None:
        """Put `rules` in the place of those before; none lets everything pass."""
        self._rules = rules
        self._matched.clear()

    def decide(self, name: str) -> Fault | None:
        """The fault that this request for operation `name` meets. The first rule that hits counts."""
        for rule in self._rules:
            if name not in rule.operations:
                continue
            self._matched[rule] += 1
            if self._matched[rule] > rule.after and self._rng.random() < rule.share:
                self.counts[rule.fault, name] += 1
                return rule.fault
        return None

    def count(self, fault: Fault) -> int:
        return sum(number for (each, _), number in self.counts.items() if each is fault)

    def split(self, requests: Mapping[str, list[Any]]) -> tuple[dict[str, list[Any]], dict[str, list[Any]]]:
        """The items of a batch that are written, at least one, and those that are handed back, at least one of two."""
        flat = [(table, each) for table, items in requests.items() for each in items]
        kept = self._rng.randint(1, max(len(flat) - 1, 1))
        self._rng.shuffle(flat)
        return _by_table(flat[:kept]), _by_table(flat[kept:])


def _by_table(flat: list[tuple[str, Any]]) -> dict[str, list[Any]]:
    found: dict[str, list[Any]] = {}
    for table, each in flat:
        found.setdefault(table, []).append(each)
    return found


def unconditional(transaction: Mapping[str, Any]) -> dict[str, Any]:
    """The body of a TransactWriteItems whose puts are made whatever stands there."""
    puts = [
        {"Put": {name: value for name, value in each["Put"].items() if name not in CONDITIONS}}
        for each in transaction["TransactItems"]
    ]
    return {"TransactItems": puts}
