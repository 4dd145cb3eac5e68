from __future__ import annotations

from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bench.faults.injector import Fault, Injector, Rule, operation, unconditional

WRITES = frozenset({"dynamodb:BatchWriteItem"})


@pytest.mark.parametrize(
    ("method", "path", "target", "name"),
    [
        ("POST", "/", "DynamoDB_20120810.BatchWriteItem", "dynamodb:BatchWriteItem"),
        ("PUT", "/lake/a/b", None, "s3:PutObject"),
        ("GET", "/lake/a%20b", None, "s3:GetObject"),
        ("GET", "/lake?list-type=2&prefix=a", None, "s3:GET bucket"),
        ("POST", "/lake/a?uploads", None, "s3:CreateMultipartUpload"),
        ("PUT", "/lake/a?partNumber=1&uploadId=u", None, "s3:UploadPart"),
        ("POST", "/lake/a?uploadId=u", None, "s3:CompleteMultipartUpload"),
        ("DELETE", "/lake/a?uploadId=u", None, "s3:AbortMultipartUpload"),
    ],
)
def test_a_request_is_known_by_what_it_asks_for(method: str, path: str, target: str | None, name: str) -> None:
    assert operation(method, path, {} if target is None else {"x-amz-target": target}) == name


def test_without_rules_everything_passes() -> None:
    injector = Injector(Random(1))
    assert [injector.decide("s3:PutObject") for _ in range(100)] == [None] * 100
    assert not injector.counts


def test_a_share_of_the_requests_is_hit_and_counted() -> None:
    injector = Injector(Random(1))
    injector.follow(Rule(Fault.THROTTLED, WRITES, 0.3))
    hits = sum(injector.decide("dynamodb:BatchWriteItem") is Fault.THROTTLED for _ in range(1_000))
    assert 250 < hits < 350
    assert injector.count(Fault.THROTTLED) == hits
    assert injector.decide("dynamodb:GetItem") is None


def test_the_first_requests_pass_and_new_rules_count_anew() -> None:
    injector = Injector(Random(1))
    for _ in range(2):
        injector.follow(Rule(Fault.THROTTLED, WRITES, after=2))
        found = [injector.decide("dynamodb:BatchWriteItem") for _ in range(4)]
        assert found == [None, None, Fault.THROTTLED, Fault.THROTTLED]


def test_the_same_seed_decides_alike() -> None:
    def decisions() -> list[Fault | None]:
        injector = Injector(Random(7))
        injector.follow(Rule(Fault.THROTTLED, WRITES, 0.5))
        return [injector.decide("dynamodb:BatchWriteItem") for _ in range(50)]

    assert decisions() == decisions()


@given(
    st.dictionaries(st.text(max_size=3), st.lists(st.integers(), min_size=1, max_size=12), min_size=1, max_size=3),
    st.integers(0, 99),
)
def test_a_split_batch_loses_and_doubles_nothing(requests: dict[str, list[int]], seed: int) -> None:
    written, left = Injector(Random(seed)).split(requests)
    assert written
    for table, items in requests.items():
        assert sorted(written.get(table, []) + left.get(table, [])) == sorted(items)
    if sum(map(len, requests.values())) > 1:
        assert left


def test_conditions_can_be_taken_away() -> None:
    put = {
        "TableName": "t",
        "Item": {"id": {"S": "1"}},
        "ConditionExpression": "version < :v",
        "ExpressionAttributeValues": {":v": {"S": "2"}},
    }
    assert unconditional({"TransactItems": [{"Put": put}]}) == {
        "TransactItems": [{"Put": {"TableName": "t", "Item": {"id": {"S": "1"}}}}]
    }
