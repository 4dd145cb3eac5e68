"""A decided transaction gives the facts that the gate made of its message."""

from __future__ import annotations

from typing import Any

import numpy as np
import orjson
import pyarrow as pa
from hypothesis import given, settings
from hypothesis import strategies as st

from contracts import reader
from sluice.feed.cards import card_of
from tests.udfs.split import split
from tests.udfs.test_decide import DECIDER, NAMES
from tests.udfs.test_gate import ASIDE, GATE, KEYS, LIMITS
from tests.udfs.transactions import NOW_MS, message
from udfs.completion import names_behind
from udfs.decide import DECIDED, Batch
from udfs.facts import FACTS, GATED, layout, unpacked
from udfs.gate import Gate, Records
from udfs.gated_again import SOURCE, TIMES, GatedAgain
from udfs.times import iso_ms, parse_ms

CONTRACT = reader.load("transactions")
GATED_AGAIN = GatedAgain(CONTRACT, reader.currencies(), str)

# Letters only, so that none looks like a card number.
IDS = st.text("abXY_.:-", min_size=1, max_size=64)
TIMES_SENT = st.tuples(
    st.integers(NOW_MS - 7 * 86_400_000 + 1_000, NOW_MS + 300_000), st.sampled_from([0, 2, 3, 4])
).map(lambda drawn: iso_ms(drawn[0])[: 19 + drawn[1]].removesuffix(".") + "Z")
OPTIONS = {each.name: each.options["enum"] for each in CONTRACT.fields if "enum" in each.options}
MESSAGES = st.fixed_dictionaries(
    {
        **dict.fromkeys(("transaction_id", "customer_id", "merchant_id", "terminal_id"), IDS),
        "event_time": TIMES_SENT,
        "card_number": (st.integers(0, 10**9 - 1) | st.text()).map(card_of),
        "amount_minor": st.integers(1, 99_999_999_999),
        "currency": st.sampled_from(sorted(reader.currencies())),
        "merchant_category": st.from_regex("[0-9]{4}", fullmatch=True),
        "country": st.from_regex("[A-Z]{2}", fullmatch=True),
        "channel": st.sampled_from(OPTIONS["channel"]),
        "device_id": st.sampled_from([..., None]) | IDS,
        "entry_mode": st.sampled_from([..., None, *OPTIONS["entry_mode"]]),
    },
    optional={"unknown": st.booleans()},
).map(lambda fields: message(**fields))


def decisions(gated: list[bytes]) -> list[dict[str, Any]]:
    """What is decided of packed records that passed, without a history."""
    profile = np.zeros(1 + len(NAMES), "<i8").tobytes()
    decided = DECIDER.decide(Batch(gated, [None] * len(gated), [[profile] * len(gated)]), NOW_MS + 9).records()
    return [orjson.loads(split(each, DECIDED)["record"] or b"") for each in decided]


def batch(rows: list[dict[str, Any]]) -> pa.RecordBatch:
    """Decisions as the lake's reader gives them."""
    columns = {name: [row[name] for row in rows] for name in GATED_AGAIN.columns}
    return pa.RecordBatch.from_pydict(columns | {name: list(map(parse_ms, columns[name])) for name in TIMES})


@settings(max_examples=300)
@given(st.lists(MESSAGES, min_size=1, max_size=5))
def test_facts_are_those_of_the_message(values: list[bytes]) -> None:
    count = len(values)
    records = Records("transactions", values, [3] * count, list(range(7, 7 + count)), [NOW_MS] * count)
    gated = GATE.pass_through(records, lambda: NOW_MS + 7).records()
    assert [split(each, GATED)["problem"] for each in gated] == [None] * count
    again = GATED_AGAIN.pack(batch(decisions(gated)))
    wanted, found = unpacked(gated).facts.copy(), unpacked(again).facts
    wanted["gated_ms"] = 0
    assert (found == wanted).all()


@settings(max_examples=100)
@given(st.lists(MESSAGES, min_size=1, max_size=5))
def test_facts_of_all_entities_are_those_of_the_message(values: list[bytes]) -> None:
    count = len(values)
    gate = Gate(CONTRACT, LIMITS, reader.currencies(), lambda _: KEYS, ASIDE, reader.ENTITIES)
    records = Records("transactions", values, [3] * count, list(range(count)), [NOW_MS] * count)
    gated = gate.pass_through(records, lambda: 0).records()
    again = GatedAgain(CONTRACT, reader.currencies(), str, reader.ENTITIES).pack(batch(decisions(gated)))
    found = [split(each, GATED)["facts"] or b"" for each in again]
    assert found == [split(each, GATED)["facts"] for each in gated]
    assert {len(each) for each in found} == {layout(reader.ENTITIES).itemsize}


def test_a_packed_record_holds_facts_a_token_and_nothing_else() -> None:
    (row,) = decisions(GATE.pass_through(Records("t", [message()], [0], [0], [NOW_MS]), lambda: 0).records())
    (record,) = GATED_AGAIN.pack(batch([row]))
    parts = split(record, GATED)
    assert len(parts.pop("facts") or b"") == FACTS.itemsize
    assert parts.pop("card_token") == row["card_token"].encode()
    assert set(parts.values()) == {None}


def test_every_fact_is_set() -> None:
    """A fact that is added to the gate alone would stay zero here."""
    value = message(event_time=iso_ms(NOW_MS - 1))
    gate = Gate(CONTRACT, LIMITS, reader.currencies(), lambda _: KEYS, ASIDE)
    gated = gate.pass_through(Records("t", [value], [3], [5], [NOW_MS]), lambda: NOW_MS).records()
    found = unpacked(GATED_AGAIN.pack(batch(decisions(gated)))).facts[0]
    assert [name for name in FACTS.names or () if not np.any(found[name])] == ["gated_ms"]


def test_columns_are_all_of_the_contract_decisions() -> None:
    assert set(GATED_AGAIN.columns) == {*names_behind(CONTRACT), *SOURCE, *TIMES}
    assert set(GATED_AGAIN.columns) <= set(reader.load("decisions").names())
