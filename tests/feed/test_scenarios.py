"""Each scenario of fraud is found by the rule or pattern that it is named after, and hardly anybody else is."""

from __future__ import annotations

import json
from collections import Counter, defaultdict
from datetime import UTC, datetime, timedelta

import numpy as np
import pytest

from sluice.evaluation import evaluate
from sluice.feed.generate import Traffic
from sluice.feed.scenarios import SCENARIOS, cases
from sluice.settings import FraudDetection
from tests.feed.activity import by_customers, last_transaction
from tests.oracle import answer
from tests.oracle.patterns import PATTERNS, matches
from udfs.rules.file import load

START = datetime(2026, 11, 16, tzinfo=UTC)
SPAN = (0, 3_600_000)


@pytest.mark.parametrize(("duration", "cards"), [(timedelta(minutes=30), 40_000), (timedelta(hours=24), 4_000)])
def test_every_case_is_found_by_its_own_and_hardly_any_other_transaction(duration: timedelta, cards: int) -> None:
    traffic = Traffic(15_000, cards=cards, seed=11, start=START, duration=duration, fraud_rate=0.03)
    messages = list(traffic)
    now_ms = int((START + duration).timestamp() * 1000)
    log = [(0, number, now_ms, each.key, each.value) for number, each in enumerate(messages)]
    found_by_rules = answer(log).decisions
    decisions = {each.transaction["transaction_id"]: list(each.rules) for each in found_by_rules}
    ids = {each.at: each.transaction["transaction_id"] for each in found_by_rules}
    for pattern, places in matches(found_by_rules, None, by_customers(found_by_rules, traffic)):
        decisions[ids[last_transaction(places)]].append(pattern)
    assert len(decisions) == len(messages)
    by_case: dict[tuple[str, int], set[str]] = defaultdict(set)
    for each in messages:
        assert each.label is not None
        if each.label.case is not None:
            by_case[each.label.scenario, each.label.case] |= set(decisions[each.label.transaction_id])
    assert {scenario for scenario, _ in by_case} == {"high_value", "card_velocity", "both", *SCENARIOS}
    own = {each: {"high_value", "card_velocity"} if each[0] == "both" else {each[0]} for each in by_case}
    assert not Counter(each[0] for each, rules in by_case.items() if not own[each] <= rules)
    found = evaluate((each.label for each in messages if each.label), decisions)
    assert found.recall == 1
    assert (found.false_positive_rate or 0) < 0.001


def test_there_is_a_scenario_for_each_rule_and_pattern() -> None:
    rules = {rule.id for rule in load(FraudDetection().rules)[-1].rules}
    assert rules | PATTERNS == {*SCENARIOS, "high_value", "card_velocity"}


@pytest.mark.parametrize("fraudulent", [0, 1, 30, 500])
def test_cases_stay_within_their_number_and_time(fraudulent: int) -> None:
    played = list(cases(np.random.default_rng(3), fraudulent, SPAN))
    assert sum(use.is_fraud for each in played for use in each.uses) <= fraudulent
    assert all(each.start_ms + use.after_ms < sum(SPAN) for each in played for use in each.uses)
    assert "spending_spike" not in {each.scenario for each in cases(np.random.default_rng(3), fraudulent, (0, 60_000))}
    assert (len({each.scenario for each in played}) == len(SCENARIOS)) == (fraudulent == 500)


def test_messages_of_scenarios_keep_the_contracts_order_of_fields() -> None:
    traffic = Traffic(2_000, cards=900, seed=2, start=START, fraud_rate=0.2)
    modes = {json.loads(each.value).get("entry_mode") for each in traffic}
    assert modes == {None, "contactless", "magstripe"}
