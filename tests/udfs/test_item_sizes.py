"""No transaction that the gate lets through makes an item that DynamoDB would refuse for its size."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import orjson
import pytest

from contracts import reader
from sluice.settings import FraudDetection
from tests.jobs.hot_state.samples import TABLES
from tests.udfs.split import split
from tests.udfs.transactions import GOOD
from udfs.contract_json import decoder
from udfs.decide import DECIDED, Batch, Decider, Topics
from udfs.facts import FACTS
from udfs.hot_items import Item, alert_put, decision_puts
from udfs.parts import Packed
from udfs.rules.file import load
from udfs.rules.log import RuleLog
from udfs.validation import field_problem

MOST_BYTES = 400 * 1024
ROOM = 20
"""So many times as large an item might be: rules are added, and fields."""
LONGEST = 64
TEXTS = [each for each in reader.load("transactions").fields if each.type == "string"]
NAMES = reader.card_feature_names()


@pytest.mark.parametrize("field", TEXTS, ids=lambda each: each.name)
def test_the_contract_bounds_each_text(field: reader.Field) -> None:
    for character in "aA1.:-":
        assert field_problem(field, character * (LONGEST + 1), dict(GOOD), reader.currencies()) is not None


def _largest() -> tuple[dict[str, Any], dict[str, Any]]:
    """The decision and the alert of a transaction with the longest texts and numbers, for which every rule fires."""
    sent = {each.name: max(each.options.get("enum", ["x" * LONGEST]), key=len) for each in TEXTS}
    del sent["card_number"]
    sent |= {"card_token": f"{'k' * LONGEST}_{'f' * 64}", "currency": "USD", "event_time": GOOD["event_time"]}
    body = orjson.dumps({**sent, "amount_minor": 99_999_999_999})
    facts = np.zeros(1, FACTS)
    for name in ("amount_usd_minor", "source_offset"):
        facts[name] = 2**62
    profile = np.full(1 + len(NAMES), 2**62, "<i8").tobytes()
    log = RuleLog(load(FraudDetection().rules))
    decider = Decider(log, Topics("transactions", "decisions", "duplicates", "quarantine"))
    gated = Packed(([b"token"], [body], [b""], [b""]), facts).records()
    (decided,) = decider.decide(Batch(gated, [None], [[profile]]), 2**40).records()
    parts = split(decided, DECIDED)
    assert parts["record"]
    assert parts["alert"]
    return decoder(reader.load("decisions"))(parts["record"]), decoder(reader.load("alerts"))(parts["alert"])


def _size(item: Item) -> int:
    """As DynamoDB counts: names and texts in UTF-8, at most 21 bytes for a number, 3 and one an element for a list."""
    return sum(len(name.encode()) + _value_size(attribute) for name, attribute in item.items())


def _value_size(attribute: Mapping[str, Any]) -> int:
    ((kind, value),) = attribute.items()
    if kind == "S":
        return len(value.encode())
    if kind == "N":
        return 21
    inner = [_value_size(each) for each in value] if kind == "L" else [_size(value)]
    return 3 + len(value) + sum(inner)


def test_the_largest_items_are_far_below_what_dynamodb_takes() -> None:
    decision, alert = _largest()
    assert {each["rule"] for each in decision["reasons"]} == {"high_value", "card_velocity"}
    puts = [*decision_puts(decision, TABLES, 0), alert_put(alert, TABLES, 0)]
    assert all(200 < _size(put.item) < MOST_BYTES / ROOM for put in puts)
