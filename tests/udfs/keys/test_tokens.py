"""Which key a card is tokenised with, and that what is known of it does not depend on that."""

from __future__ import annotations

from itertools import accumulate

import numpy as np
import orjson
import pyarrow as pa
from hypothesis import given
from hypothesis import strategies as st

from contracts import reader
from tests.udfs.split import split
from tests.udfs.test_gate import ASIDE, CONTRACT, LIMITS, VAULT_KEY
from tests.udfs.transactions import CARD, NOW_MS, message
from udfs.facts import GATED, unpacked
from udfs.gate import Gate, Keys, Records
from udfs.gated_again import GatedAgain
from udfs.keys.ring import KeyRing, TokenKey
from udfs.keys.sealed import Sealer
from udfs.keys.tokens import Tokens
from udfs.tokenisation import Tokeniser

CARDS = st.lists(st.text("0123456789", min_size=13, max_size=19), max_size=6)


def ring(*from_ms: int) -> KeyRing:
    return KeyRing(tuple(TokenKey(f"k{at}", bytes([number]) * 32, at) for number, at in enumerate(from_ms)))


def gate(keys: KeyRing) -> Gate:
    held = Keys(Tokens(keys), Sealer(VAULT_KEY))
    return Gate(CONTRACT, LIMITS, reader.currencies(), lambda _: held, ASIDE)


@given(CARDS, st.lists(st.integers(1, 50), max_size=3), st.data())
def test_each_card_has_the_key_that_holds_when_it_is_appended(
    cards: list[str], gaps: list[int], data: st.DataObject
) -> None:
    keys = ring(0, *accumulate(gaps))
    moments = data.draw(st.lists(st.integers(0, 160), min_size=len(cards), max_size=len(cards)))
    found = Tokens(keys).all(cards, moments)
    for card, moment, shown, linking in zip(cards, moments, found.shown, found.linking, strict=True):
        held = keys.holding(moment)
        assert shown == Tokeniser(held.kid, held.key)(card)
        assert linking == Tokeniser("k0", keys.keys[0].key)(card)
    by_mark = dict(zip(found.marks.tolist(), found.shown, strict=True))
    assert len(by_mark) == len(set(found.shown))


def test_facts_are_the_same_before_and_after_a_rotation() -> None:
    rotated = gate(ring(0, NOW_MS + 5))
    records = Records("transactions", [message()] * 2, [3] * 2, [8, 9], [NOW_MS + 4, NOW_MS + 5])
    gated = rotated.pass_through(records, lambda: NOW_MS + 7).records()
    kept = ["id", "content", "entity", "amount_usd_minor", "customer_bucket", "card_bucket"]
    before, after = unpacked(gated).facts[kept]
    assert before == after
    tokens = [orjson.loads(split(each, GATED)["body"] or b"")["card_token"] for each in gated]
    assert [each.partition("_")[0] for each in tokens] == ["k0", f"k{NOW_MS + 5}"]


def test_state_can_be_built_again_over_a_rotation() -> None:
    """The lake has the later token; the vault links it to the first, and the facts are the gate's."""
    keys = ring(0, 1)
    records = Records("transactions", [message()], [3], [8], [NOW_MS])
    (gated,) = gate(keys).pass_through(records, lambda: 0).records()
    (shown,), (linking,), *_ = Tokens(keys).all([CARD], [NOW_MS])
    again = GatedAgain(CONTRACT, reader.currencies(), {shown: linking}.__getitem__)
    row = orjson.loads(split(gated, GATED)["body"] or b"") | {"source_partition": 3, "source_offset": 8}
    times = {"event_time": int(unpacked([gated]).facts["event_ms"][0]), "ingested_at": NOW_MS}
    columns = {name: [(row | times)[name]] for name in again.columns}
    found = unpacked(again.pack(pa.RecordBatch.from_pydict(columns))).facts
    assert np.array_equal(found, unpacked([gated]).facts)
