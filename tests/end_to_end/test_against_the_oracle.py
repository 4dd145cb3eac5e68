"""Transactions with every trouble of a real feed: each place holds what the oracle says, and no card number."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cached_property
from typing import Any

import pytest

from bench.proof import judge, leaks, places
from bench.proof.house import House, running
from jobs.warehouse_load.main import run as load_warehouse
from localstack.stack import Stack
from sluice import aws, warehouse
from sluice.feed.faults import mix
from sluice.feed.generate import Traffic
from tests.deployment import metrics
from tests.oracle import Answer, answer

pytestmark = [pytest.mark.servers, pytest.mark.timeout(1_200)]

SEED = 20_261_122


@dataclass
class Finished:
    house: House
    transactions: int
    answer: Answer
    token: Callable[[str], str]
    planted: frozenset[str]
    troubles: Counter[str]

    @cached_property
    def alerts(self) -> set[judge.Alert]:
        """Those that rules and patterns must raise."""
        of_patterns = judge.expected_matches(self.answer, self.token, *self.house.orders())
        assert of_patterns
        return judge.expected_alerts(self.answer, self.token) | of_patterns


@pytest.fixture(scope="module")
def finished(stack: Stack, pytestconfig: pytest.Config) -> Iterator[Finished]:
    """The jobs after they have carried everything, and what the oracle makes of the same log."""
    now, count = datetime.now(UTC), pytestconfig.getoption("transactions")
    traffic = Traffic(
        count,
        cards=count // 20,
        seed=SEED,
        start=now - timedelta(hours=20),
        duration=timedelta(hours=20),
        fraud_rate=0.02,
    )
    troubles: Counter[str] = Counter()
    with running(stack, "oracle") as house:

        def messages() -> Iterator[tuple[bytes, bytes]]:
            for each in mix(traffic, seed=SEED, now=now, rate=0.05, huge=True):
                troubles[each.trouble or "none"] += 1
                yield each.key, each.value

        assert house.send(((each.key, each.value) for each in traffic.customer_events()), "customer_events")
        assert house.send(messages()) > count
        house.settle(900)
        expected = answer(house.read("transactions"))
        token = judge.tokeniser(house.settings.fraud_detection.gate.keys.file)
        yield Finished(house, count, expected, token, frozenset(traffic.planted_cards), troubles)


def test_the_log_holds_every_kind_of_trouble(finished: Finished) -> None:
    assert len(finished.answer.decisions) > finished.transactions
    assert {each.reason for each in finished.answer.quarantined} >= {
        "conflict",
        "not_json",
        "too_large",
        "bad_check_digit",
    }
    assert all(finished.troubles[name] > 0 for name in ("duplicate", "late", "out_of_order", "unknown_field", "huge"))
    assert len(finished.answer.alerts) > finished.transactions / 500
    assert {each.outcome for each in finished.answer.decisions} == {"approve", "review", "block"}


def test_each_record_has_exactly_one_disposition(finished: Finished) -> None:
    read = finished.house.read
    ends = [
        *judge.found_decisions(judge.once(read("decisions"), "decision_id")),
        *judge.found_quarantine(judge.once(read("quarantine"), "quarantine_id")),
        *judge.found_duplicates(judge.once(read("duplicates"), "duplicate_id")),
    ]
    assert len(ends) == len(set(ends))
    assert set(ends) == {(each.partition, each.offset) for each in read("transactions")}


def test_decisions_and_alerts(finished: Finished) -> None:
    decisions = judge.once(finished.house.read("decisions"), "decision_id")
    assert judge.found_decisions(decisions) == judge.expected_decisions(finished.answer, finished.token)
    alerts = judge.once(finished.house.read("alerts"), "alert_id")
    assert len(alerts) == len(finished.alerts)
    assert judge.found_alerts(alerts) == finished.alerts


def test_each_decision_is_enriched_with_the_defaults(finished: Finished) -> None:
    enriched = judge.once(finished.house.read("enriched_decisions"), "decision_id")
    assert judge.found_enriched(enriched) == judge.expected_enriched(finished.answer, finished.token)
    assert all(each["amount_at_rate_usd_minor"] == each["amount_usd_minor"] for each in enriched)


def test_quarantine_and_duplicates(finished: Finished) -> None:
    quarantine = judge.once(finished.house.read("quarantine"), "quarantine_id")
    assert judge.found_quarantine(quarantine) == judge.expected_quarantine(finished.answer)
    duplicates = judge.once(finished.house.read("duplicates"), "duplicate_id")
    assert judge.found_duplicates(duplicates) == judge.expected_duplicates(finished.answer)


def test_money_balances(finished: Finished) -> None:
    found: dict[str, Counter[str]] = {}
    for topic, key in (("decisions", "decision_id"), ("quarantine", "quarantine_id"), ("duplicates", "duplicate_id")):
        for row in judge.once(finished.house.read(topic), key):
            if row["amount_minor"] is not None and row["currency"] is not None:
                found.setdefault(row["currency"], Counter())[topic] += row["amount_minor"]
    for currency, money in finished.answer.money.items():
        assert money.incoming == money.valid + money.quarantined + money.duplicate
        sums = found.pop(currency, Counter())
        assert sums == {"decisions": money.valid, "quarantine": money.quarantined, "duplicates": money.duplicate}
    assert found == {}


def test_parquet_holds_each_row_once(finished: Finished) -> None:
    rows = places.parquet(finished.house.settings)
    assert judge.found_decisions(rows["decisions"]) == judge.expected_decisions(finished.answer, finished.token)
    assert len(rows["decisions"]) == len(finished.answer.decisions)
    assert judge.found_quarantine(rows["quarantine"]) == judge.expected_quarantine(finished.answer)
    assert len(rows["quarantine"]) == len(finished.answer.quarantined)
    assert judge.found_duplicates(rows["duplicates"]) == judge.expected_duplicates(finished.answer)
    assert len(rows["duplicates"]) == len(finished.answer.duplicates)


def test_the_warehouse_holds_each_row_once(finished: Finished) -> None:
    settings = finished.house.settings
    load_warehouse(settings)
    again = load_warehouse(settings)
    assert again.recorded_at is None
    with warehouse.opened(settings.warehouse.database) as connection:
        counts = [
            connection.sql(f"select count(*) from lake_{kind}").fetchall()[0][0]  # noqa: S608 - our own names
            for kind in ("decisions", "quarantine", "duplicates")
        ]
        totals = dict(
            connection.sql(
                "select currency, sum(amount_minor)::bigint from lake_decisions group by currency"
            ).fetchall()
        )
    expected = finished.answer
    assert counts == [len(expected.decisions), len(expected.quarantined), len(expected.duplicates)]
    assert totals == {currency: money.valid for currency, money in expected.money.items() if money.valid}


def test_dynamodb(finished: Finished) -> None:
    settings = finished.house.settings
    tables, client = settings.hot_state, aws.dynamodb(settings.aws)
    expected = judge.expected_decisions(finished.answer, finished.token)
    transactions = places.items(client, tables.transactions_table)
    assert len(transactions) == len(expected)
    assert places.of_transactions(transactions) == places.expected_transactions(expected)
    cards = places.items(client, tables.cards_table)
    assert places.of_cards(cards) == places.expected_cards(expected)
    alerts = places.items(client, tables.alerts_table)
    assert len(alerts) == len(finished.alerts)
    assert judge.found_alerts(alerts) == finished.alerts


def test_dashboard_and_alert_rules_ask_for_what_the_cluster_shows(finished: Finished) -> None:
    shown = list(metrics.samples(metrics.shown(finished.house.stack.settings)))
    names = {name for name, _ in shown}
    for place, expression in metrics.expressions().items():
        missing = metrics.metrics(expression) - names
        assert not missing, f"{place}: {missing}"
    held_back = {labels["reason"] for name, labels in shown if name.endswith("_reason_quarantined")}
    assert held_back == {each.reason for each in finished.answer.quarantined}
    steps = {labels["operator_name"] for name, labels in shown if name.endswith("_operator_numRecordsIn")}
    assert steps >= {"gate", "seen", "profiled", "decide", "known", "alerted"}, steps


def test_no_card_number_leaves_the_raw_topic(finished: Finished) -> None:
    house = finished.house
    raw = b"\n".join(record.value for record in house.read("transactions"))
    assert leaks.found(raw, finished.planted), "the search must find what is there"
    searched: dict[str, int] = {}
    for place, content in leaks.artefacts(house):
        hits: Any = leaks.found(content, finished.planted)
        assert not hits, f"{len(hits)} card numbers in {place}"
        kind = place.split(":")[0]
        searched[kind] = searched.get(kind, 0) + len(content)
    assert set(searched) == {"topic", "log", "checkpoint", "s3", "dynamodb", "warehouse"}
    assert all(size > 0 for size in searched.values()), searched
