"""The answer of the comparison: the oracle against cases worked out by hand, the shared steps against the oracle."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bench.peers.ends import tokeniser
from bench.peers.flink_sql import functions
from bench.peers.oracle import Answer, Oracle, OrderError, answer
from bench.peers.plain_loop import Velocity
from bench.peers.velocity import flagged, prepare, reasons, recent
from tests.udfs.split import split
from tests.udfs.transactions import CARD, NOW_MS, message
from udfs.facts import FACTS
from udfs.keys.file import KeyFile
from udfs.times import iso_ms
from udfs.tokenisation import Tokeniser

OTHER_CARD = "4000000000000002"


@pytest.fixture(scope="module")
def key_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    file = Path(tmp_path_factory.mktemp("keys")) / "token.key"
    KeyFile(file).create()
    return file


def at(number: int, after_ms: int, **changes: Any) -> bytes:
    return message(transaction_id=f"t-{number}", event_time=iso_ms(NOW_MS + after_ms), **changes)


def answers(key_file: Path, *some: bytes) -> dict[str, tuple[str, ...]]:
    oracle = Oracle(key_file)
    for each in some:
        oracle.take(each)
    return {each.transaction_id: each.reasons for each in oracle.answers}


def test_the_fourth_within_ten_seconds_is_flagged(key_file: Path) -> None:
    burst = [at(number, after_ms) for number, after_ms in enumerate((0, 3_000, 3_000, 10_000, 13_001))]
    assert answers(key_file, *burst) == {"t-3": ("card_velocity",)}


def test_ten_seconds_and_a_millisecond_are_too_far(key_file: Path) -> None:
    assert answers(key_file, *(at(number, after_ms) for number, after_ms in enumerate((0, 1, 2, 10_001)))) == {}


def test_more_than_800_dollars_is_flagged(key_file: Path) -> None:
    assert answers(key_file, at(0, 0, amount_minor=80_000), at(1, 20_000, amount_minor=80_001)) == {
        "t-1": ("high_value",)
    }


def test_cards_do_not_count_for_each_other(key_file: Path) -> None:
    cards = (CARD, CARD, OTHER_CARD, OTHER_CARD, CARD)
    assert answers(key_file, *(at(number, number, card_number=card) for number, card in enumerate(cards))) == {}


def test_the_token_is_the_keyed_hash_of_the_whole_number(key_file: Path) -> None:
    oracle = Oracle(key_file)
    oracle.take(at(0, 0, amount_minor=90_000))
    kid, key, _ = KeyFile(key_file).read().keys[0]
    assert {each.token for each in oracle.answers} == {
        f"{kid}_{hmac.new(key, CARD.encode(), hashlib.sha256).hexdigest()}"
    }


def test_the_oracle_refuses_an_input_out_of_order(key_file: Path) -> None:
    with pytest.raises(OrderError, match="t-1 is older"):
        answers(key_file, at(0, 5), at(1, 4))


def drawn() -> st.SearchStrategy[list[tuple[int, int, int]]]:
    """Pauses in ms, which card, amounts."""
    pauses = st.sampled_from((0, 1, 2_500, 3_333, 5_000, 10_000, 10_001))
    return st.lists(st.tuples(pauses, st.integers(0, 1), st.sampled_from((79_999, 80_000, 80_001))), max_size=40)


@given(steps=drawn(), size=st.integers(1, 7))
def test_the_steps_of_the_python_systems_give_the_oracles_answer(
    key_file: Path, steps: list[tuple[int, int, int]], size: int
) -> None:
    sent, now = [], 0
    for number, (pause, card, amount) in enumerate(steps):
        now += pause
        sent.append(at(number, now, card_number=(CARD, OTHER_CARD)[card], amount_minor=amount))
    oracle, token = Oracle(key_file), tokeniser(key_file)
    for each in sent:
        oracle.take(each)
    velocity = Velocity(token)
    batches = (sent[first : first + size] for first in range(0, len(sent), size))
    found = [answer(value) for batch in batches for _, value in velocity.step(batch)]
    assert len(found) == len(set(found))
    assert set(found) == oracle.answers
    assert set(one_by_one(sent, token)) == oracle.answers


def one_by_one(sent: list[bytes], token: Tokeniser) -> Iterator[Answer]:
    """As Bytewax and Quix Streams keep state: a value a card, handed in and given back."""
    states: dict[str, list[int]] = {}
    for card, (transaction_id, event_ms, amount_minor) in prepare(sent, token):
        states[card] = recent(states.get(card), event_ms)
        if why := reasons(amount_minor, len(states[card])):
            yield answer(flagged(card, transaction_id, why))


def test_a_state_handed_in_is_left_as_it_is() -> None:
    before = [1, 2]
    assert recent(before, 3) == [1, 2, 3]
    assert before == [1, 2]


def test_sluices_own_step_prepares_the_same(key_file: Path) -> None:
    token = tokeniser(key_file)
    sent = [at(0, 0), at(1, 5, card_number=OTHER_CARD, amount_minor=80_001)]
    found = [split(each, functions.PREPARED) for each in functions.prepare(sent, token).records()]
    facts = np.frombuffer(b"".join(row["facts"] or b"" for row in found), FACTS)
    names = [((row["token"] or b"").decode(), (row["transaction_id"] or b"").decode()) for row in found]
    numbers = zip(facts["event_ms"].tolist(), facts["amount_usd_minor"].tolist(), strict=True)
    prepared = [(of, (id_, *each)) for (of, id_), each in zip(names, numbers, strict=True)]
    assert prepared == prepare(sent, token)
    assert facts["ingested_ms"].tolist() == facts["event_ms"].tolist()
    digests = [bytes.fromhex(of.partition("_")[2]) for of, _ in names]
    assert facts["entity"].tolist() == [int.from_bytes(each[:8], "little") for each in digests]
    buckets = [int.from_bytes(each[8:16], "little") % functions.BUCKETS for each in digests]
    assert facts["card_bucket"].tolist() == buckets
