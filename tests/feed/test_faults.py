"""Each trouble gets the disposition that its name promises, by the oracle's judgement."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime, timedelta

import pytest

from sluice.feed.errors import FeedError
from sluice.feed.faults import REPEATS, Troubled, mix
from sluice.feed.generate import Label, Traffic
from sluice.feed.malformed import MALFORMED
from sluice.feed.times import milliseconds
from tests.feed.activity import by_customers, last_transaction
from tests.oracle import Answer, Decision, answer
from tests.oracle.patterns import matches

START = datetime(2026, 11, 16, 8, tzinfo=UTC)
NOW = START + timedelta(minutes=10)


def traffic() -> Traffic:
    return Traffic(4_000, cards=4_000, seed=5, start=START)


@pytest.fixture(scope="module")
def feed() -> list[Troubled]:
    return list(mix(traffic(), seed=6, now=NOW, rate=0.2, huge=True))


@pytest.fixture(scope="module")
def judged(feed: list[Troubled]) -> Answer:
    return answer((0, offset, milliseconds(NOW), each.key, each.value) for offset, each in enumerate(feed))


def test_every_trouble_occurs(feed: list[Troubled]) -> None:
    named = {each.trouble for each in feed}
    assert named == {*MALFORMED, *REPEATS, "late", "out_of_order", "unknown_field", "huge", None}


def test_malformed_ones_are_quarantined_for_their_reason(feed: list[Troubled], judged: Answer) -> None:
    found = {each.at[1]: each.reason for each in judged.quarantined}
    expected = {
        offset: "too_large" if each.trouble == "huge" else MALFORMED[each.trouble].reason
        for offset, each in enumerate(feed)
        if each.trouble == "huge" or each.trouble in MALFORMED
    }
    conflicts = {offset: "conflict" for offset, each in enumerate(feed) if each.trouble == "conflict"}
    assert found == expected | conflicts


def test_repeats_are_duplicates(feed: list[Troubled], judged: Answer) -> None:
    repeats = [offset for offset, each in enumerate(feed) if each.trouble in {"duplicate", "relaid_duplicate"}]
    assert [each.at[1] for each in judged.duplicates] == repeats


def test_everything_labelled_is_decided_once(feed: list[Troubled], judged: Answer) -> None:
    labels = [each.label.transaction_id for each in feed if each.label is not None]
    decided = [each.transaction["transaction_id"] for each in judged.decisions]
    assert decided == labels
    assert len(labels) == 4_000 + Counter(each.trouble for each in feed)["late"]
    assert len(set(labels)) == len(labels)


def _label(feed: list[Troubled], decision: Decision) -> Label:
    label = feed[decision.at[1]].label
    assert label is not None
    return label


def test_fraud_is_found_and_hardly_anything_on_cards_that_were_spared(feed: list[Troubled], judged: Answer) -> None:
    cases = {each.label.case for each in feed if each.label is not None and each.label.is_fraud}
    found = matches(judged.decisions, None, by_customers(judged.decisions, traffic()))
    of_patterns = [feed[last_transaction(places)[1]].label for _, places in found]
    alerted = [*of_patterns, *(feed[each.at[1]].label for each in judged.alerts)]
    assert {each.case for each in alerted if each is not None and each.is_fraud} == cases
    victims = {each.transaction["card_number"] for each in judged.decisions if _label(feed, each).is_fraud}
    spared = [each for each in judged.decisions if each.transaction["card_number"] not in victims]
    flagged = [each for each in spared if each.outcome != "approve"]
    assert len(flagged) <= len(spared) / 1_000


def test_same_seed_same_bytes() -> None:
    def bytes_of(seed: int) -> list[bytes]:
        return [each.value for each in mix(traffic(), seed=seed, now=NOW)]

    assert bytes_of(1) == bytes_of(1) != bytes_of(2)


def test_no_trouble_at_rate_zero() -> None:
    plain = [Troubled(*each, None) for each in traffic()]
    assert list(mix(traffic(), seed=1, now=NOW, rate=0)) == plain
    with pytest.raises(FeedError, match=r"must be from 0 to 1"):
        list(mix(traffic(), seed=1, now=NOW, rate=2))
