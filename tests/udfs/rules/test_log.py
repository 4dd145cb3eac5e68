"""Which version holds, which rules fire, and what follows."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import orjson
import pytest

from contracts import reader
from sluice.settings import FraudDetection
from tests.udfs.rules.files import loaded, rule, version
from tests.udfs.transactions import GOOD
from udfs.findings import Facts
from udfs.rules.examples import Tried, tried
from udfs.rules.file import load
from udfs.rules.log import RuleLog, fired, verdict

PRODUCT = load(FraudDetection().rules)


def facts(amounts: list[int], **features: list[int]) -> Facts:
    known = np.array([features.get(name, [1] * len(amounts)) for name in reader.card_feature_names()]).T
    return Facts([orjson.dumps(GOOD)] * len(amounts), np.array(amounts), {"card": known})


def test_the_version_at_the_event_time_holds(tmp_path: Path) -> None:
    log = RuleLog(loaded(tmp_path, version(), version(2, "2021-01-01T00:00:00.500Z")))
    at = 1_609_459_200_500  # 2021-01-01T00:00:00.500Z
    assert log.holding(np.array([0, at - 1, at, at + 1])).tolist() == [0, 0, 1, 1]


def test_above_means_above(tmp_path: Path) -> None:
    (only,) = RuleLog(loaded(tmp_path, version())).versions
    (hits,) = fired(only, facts([99, 100, 101]))
    assert hits.tolist() == [False, False, True]


@pytest.mark.parametrize(
    ("high_value", "velocity", "outcome", "severity"),
    [
        (False, False, "approve", "low"),
        (True, False, "review", "medium"),
        (False, True, "review", "high"),
        (True, True, "block", "critical"),
    ],
)
@pytest.mark.parametrize("number", range(len(PRODUCT)))
def test_the_seed_rules_decide_as_agreed(
    number: int,
    high_value: bool,  # noqa: FBT001
    velocity: bool,  # noqa: FBT001
    outcome: str,
    severity: str,
) -> None:
    product = RuleLog(PRODUCT).versions[number]
    one = facts([80_001 if high_value else 80_000], count_10s=[4 if velocity else 3])
    found = verdict(product, [bool(hit[0]) for hit in fired(product, one)])
    assert (found.outcome, found.severity) == (outcome, severity)
    fires = [each.rule.id for each in found.fired]
    assert fires == ["high_value"] * high_value + ["card_velocity"] * velocity


EXAMPLES = list(tried(PRODUCT))


@pytest.mark.parametrize("each", EXAMPLES, ids=lambda each: f"{each.version}-{each.rule.id}-{each.words()}")
def test_each_rule_of_the_product_does_what_its_examples_say(each: Tried) -> None:
    assert each.passed


def test_the_product_has_fifteen_rules_that_say_why() -> None:
    newest = PRODUCT[-1]
    assert len(newest.rules) >= 15
    assert all(len(rule.why) > 60 for rule in newest.rules)


DEVICE = {"fires": [{"device.customers_24h": 4}], "spares": [{"device.customers_24h": 0}]}


def test_the_histories_that_rules_look_at(tmp_path: Path) -> None:
    assert RuleLog(PRODUCT).entities == ("card",)
    looks = rule(when="device.customers_24h > 3", limits={}, text="Many.", examples=DEVICE)
    says = rule(text="{amount_usd}; of the customer {customer.sum_7d}.")
    assert RuleLog(loaded(tmp_path, version(1, "2020-01-01T00:00:00Z", looks))).entities == ("card", "device")
    both = (version(), version(2, "2021-01-01T00:00:00Z", looks, says | {"id": "says"}))
    assert RuleLog(loaded(tmp_path, *both)).entities == ("card", "customer", "device")
