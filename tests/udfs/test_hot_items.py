"""The items keep what the contracts name, and the newest of each is the one that is written."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from contracts import reader
from tests.jobs.hot_state.samples import TABLES, TOKEN, alert, decision
from udfs.contract_json import MalformedError, decoder
from udfs.hot_items import Put, alert_put, decision_puts, item, newest, plain

READ = decoder(reader.load("decisions"))
READ_ALERT = decoder(reader.load("alerts"))


def puts(**changes: Any) -> tuple[Put, ...]:
    return decision_puts(READ(orjson.dumps(decision(**changes))), TABLES, row=3)


def test_the_card_item_names_each_feature_and_carries_its_version() -> None:
    card, _ = puts()
    assert card.item["card_token"] == {"S": TOKEN}
    assert card.item["outcome"] == {"S": "review"}
    assert card.item["version"] == {"S": "1767604800000-000000000000007"}
    assert [card.item[name] for name in reader.card_feature_names()] == [{"N": str(n)} for n in range(37)]
    assert (card.table, card.identity()[1:], card.row) == (TABLES.cards, (TOKEN,), 3)
    assert "features" not in card.item


def test_the_transaction_item_sorts_by_time_and_expires_by_event_time() -> None:
    _, transaction = puts(event_time="2026-01-05T08:00:00Z")
    assert transaction.item["event_key"] == {"S": "2026-01-05T08:00:00.000Z#t-1"}
    assert transaction.item["amount_minor"] == {"N": "90000"}
    assert transaction.item["reasons"]["L"][0]["M"]["values"] == {"M": {"limit": {"N": "5"}}}
    assert "device_id" not in transaction.item
    expires = datetime.fromtimestamp(int(transaction.item["expires_at"]["N"]), UTC)
    assert expires == datetime(2026, 2, 4, 8, tzinfo=UTC)


def test_the_alert_item_is_the_alert_with_its_expiry() -> None:
    kept = alert_put(READ_ALERT(orjson.dumps(alert())), TABLES, row=0)
    assert set(kept.item) == set(reader.load("alerts").required()) | {"expires_at"}
    assert kept.item["rules"] == {"L": [{"S": "high_value"}]}


def test_the_alert_of_a_pattern_keeps_what_matched() -> None:
    names = [each.name for each in reader.pattern_alert_transaction()]
    matched = decision(amount_minor=100, terminal_id="p-1", channel="atm")
    whole = alert() | {"transactions": [{name: matched[name] for name in names}]}
    kept = plain(alert_put(READ_ALERT(orjson.dumps(whole)), TABLES, row=0).item)
    (one,) = kept["transactions"]
    assert set(one) == set(names)
    assert (one["amount_minor"], one["channel"], one["event_time"]) == (100, "atm", "2026-01-05T08:00:00.500Z")


def test_a_decision_without_history_is_of_no_card_that_is_known() -> None:
    (transaction,) = puts(features=[], degraded="keys_away", card_token="degraded_1-2")
    assert (transaction.table, transaction.item["degraded"]) == (TABLES.transactions, {"S": "keys_away"})


def test_a_decision_with_the_wrong_number_of_features_is_refused() -> None:
    with pytest.raises(MalformedError, match="features has 2 elements instead of 37") as caught:
        puts(features=[1, 2])
    assert caught.value.field == "features"


@pytest.mark.parametrize(
    ("content", "field"),
    [
        (b"", None),
        (b"4111111111111111x", None),
        (b"[" * 100_000, None),
        (b'{"card_token":"\xff"}', None),
        (orjson.dumps(decision(amount_minor="4111111111111111")), "amount_minor"),
        (orjson.dumps(decision(outcome="4111111111111111")), "outcome"),
        (orjson.dumps(decision(event_time="2026-01-05T08:00:00")), "event_time"),
        (orjson.dumps({"transaction_id": "t-1"}), "event_time"),
    ],
)
def test_what_breaks_the_contract_is_named_without_showing_a_digit(content: bytes, field: str | None) -> None:
    with pytest.raises(MalformedError) as caught:
        READ(content)
    assert caught.value.field == field
    assert "41111" not in str(caught.value)


def test_fields_that_the_contract_does_not_know_are_left_out() -> None:
    assert "new_field" not in READ(orjson.dumps(decision(new_field=1)))


VALUES = st.recursive(
    st.text() | st.integers(-(2**63), 2**63),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=10,
)


@given(st.dictionaries(st.text(), VALUES))
def test_items_are_read_as_they_were_written(values: dict[str, Any]) -> None:
    assert plain(item(values)) == values


@given(st.lists(st.tuples(st.integers(0, 3), st.integers(0, 2_000_000_000_000), st.integers(0, 10**12))))
def test_versions_order_by_time_then_offset_and_the_greatest_is_kept(rows: list[tuple[int, int, int]]) -> None:
    def card(row: int, number: int, moment: int, offset: int) -> Put:
        at = datetime.fromtimestamp(moment / 1000, UTC)
        fields = READ(orjson.dumps(decision(card_token=f"k1_{number}"))) | {"ingested_at": at, "source_offset": offset}
        return decision_puts(fields, TABLES, row)[0]

    kept = newest(card(row, *each) for row, each in enumerate(rows))
    assert len(kept) == len({number for number, _, _ in rows})
    for each in kept:
        rivals = [(moment, offset) for number, moment, offset in rows if f"k1_{number}" == each.identity()[1]]
        _, moment, offset = rows[each.row]
        assert (moment, offset) == max(rivals)
