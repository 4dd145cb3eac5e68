"""When the gate gives up on a topic."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from udfs.batches import StopError
from udfs.flood import FloodGuard

BAD = b'{"reason":"not_json"}'
OVER = 10


def stops(guard: FloodGuard, *batches: list[bytes]) -> bool:
    try:
        for each in batches:
            guard.look(each)
    except StopError:
        return True
    return False


def test_it_says_how_many_why_and_what_to_do() -> None:
    with pytest.raises(StopError) as stopped:
        FloodGuard(50, OVER).look([BAD] * 7 + [b'{"reason":"too_old"}'] * 4 + [b""] * 3)
    words = str(stopped.value)
    assert "11 of the latest 14 records are bad (not_json 7, too_old 4), more than the 50 % of" in words
    assert "fraud_detection.gate.most_bad_percent" in words
    assert "sluice restore fraud_detection" in words


def test_few_records_and_a_full_hundred_percent_never_stop() -> None:
    assert not stops(FloodGuard(50, OVER), [BAD] * (OVER - 1))
    assert not stops(FloodGuard(100, OVER), [BAD] * (5 * OVER))


def test_what_was_long_ago_does_not_count() -> None:
    assert stops(FloodGuard(50, OVER), [BAD] * 6 + [b""] * 3, [b""], [BAD])
    assert not stops(FloodGuard(50, OVER), [BAD] * 5 + [b""] * 4, [b""] * 10, [BAD] * 5)


@given(st.lists(st.lists(st.sampled_from([BAD, b""]), min_size=1, max_size=15), max_size=12))
def test_the_fewest_batches_that_are_enough_are_looked_at(batches: list[list[bytes]]) -> None:
    expected = False
    for end in range(1, len(batches) + 1):
        latest: list[bytes] = []
        for each in reversed(batches[:end]):
            latest += each
            if len(latest) >= OVER:
                break
        expected = expected or (len(latest) >= OVER and latest.count(BAD) * 2 > len(latest))
    assert stops(FloodGuard(50, OVER), *batches) is expected
