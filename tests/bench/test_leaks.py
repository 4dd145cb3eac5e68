"""The search for card numbers must find them in every disguise it claims to know."""

from __future__ import annotations

import pytest

from bench.proof.leaks import found

PLANTED = frozenset({"4000001234567899", "4000000000000002"})


@pytest.mark.parametrize(
    "content",
    [
        b"x4000001234567899y",
        b"4000 0012 3456 7899",
        b"4000-0012-3456-7899",
        b"40004000001234567899",
        b"4.0.0.0.0.0.1.2.3.4.5.6.7.8.9.9",
    ],
)
def test_a_planted_number_is_found(content: bytes) -> None:
    assert found(content, PLANTED) == {"4000001234567899"}


def test_other_digits_are_left_alone() -> None:
    assert found(b"2026-11-22T05:00:00.400Z 4000001234567898 k1_4000001234", PLANTED) == set()
