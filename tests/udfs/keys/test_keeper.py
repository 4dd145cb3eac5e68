"""Keys stay good for as long as no rotation can have taken effect that the keeper does not know of."""

from __future__ import annotations

import threading

import pytest
from hypothesis import given
from hypothesis import strategies as st

from udfs.keys.keeper import Keeper
from udfs.keys.ring import KeysError

REFRESH_S, LEASE_S = 10, 30


class Source:
    """Gives the keys that it has now, or is away."""

    def __init__(self) -> None:
        self.now_ms = 1_000_000
        self.away = False
        self.keys = [0]
        self.asked = 0

    def read(self) -> tuple[int, ...]:
        self.asked += 1
        if self.away:
            raise KeysError("nobody answers")
        return tuple(self.keys)


def keeper(source: Source) -> Keeper[tuple[int, ...]]:
    return Keeper(source.read, REFRESH_S, LEASE_S, lambda: source.now_ms)


def finished(kept: Keeper[tuple[int, ...]]) -> None:
    reading = kept._reading
    assert reading is not None
    reading.join(10)


def test_keys_are_good_until_the_lease_ends() -> None:
    source = Source()
    kept = keeper(source)
    assert kept.at(source.now_ms + 29_999) == (0,)
    assert kept.at(source.now_ms + 30_000) is None
    assert source.asked == 1


def test_a_backlog_needs_no_new_keys() -> None:
    source = Source()
    kept = keeper(source)
    begun = source.now_ms
    kept.at(0)
    source.away, source.now_ms = True, begun + 3_600_000
    assert kept.at(begun + 29_999) == (0,)
    finished(kept)
    assert kept.trouble == "nobody answers"
    assert kept.at(begun + 30_000) is None


def test_without_an_answer_from_the_beginning_there_is_nothing() -> None:
    source = Source()
    source.away = True
    assert keeper(source).at(0) is None


def test_it_comes_back_by_itself() -> None:
    source = Source()
    source.away = True
    kept = keeper(source)
    assert kept.at(source.now_ms) is None
    source.away, source.now_ms = False, source.now_ms + 2_000
    assert kept.at(source.now_ms) == (0,), "the first record after a quiet time must not go without"
    assert kept.trouble == ""


def test_waiting_ends() -> None:
    source = Source()
    source.away = True
    assert keeper(source).wait(source.now_ms, 0.01, 0.001) is None


def test_while_who_keeps_them_hangs_nobody_waits_twice(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("udfs.keys.keeper.FIRST_ANSWER_SECONDS", 0.01)
    source, answers = Source(), threading.Event()
    kept = keeper(source)
    kept._read = lambda: (answers.wait(10), source.read())[1]
    assert kept.at(0) is None
    assert kept.at(0) is None
    assert source.asked == 0
    answers.set()
    finished(kept)
    assert (kept.at(0), source.asked) == ((0,), 1)


@given(st.lists(st.tuples(st.integers(0, 15_000), st.booleans(), st.booleans()), max_size=30))
def test_no_record_has_an_older_key_than_the_one_that_holds(steps: list[tuple[int, bool, bool]]) -> None:
    """A rotation takes effect a lease after it is made; a keeper that has missed it must not answer by then."""
    source = Source()
    kept = keeper(source)
    for passed_ms, away, rotates in steps:
        source.now_ms, source.away = source.now_ms + passed_ms, away
        holding = [each for each in source.keys if each <= source.now_ms]
        found = kept.at(source.now_ms)
        finished(kept)
        assert found is None or [each for each in found if each <= source.now_ms] == holding
        if rotates and source.keys[-1] <= source.now_ms:
            source.keys.append(source.now_ms + LEASE_S * 1_000)
