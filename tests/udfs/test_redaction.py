"""No digit survives masking, whatever script, escape or encoding it comes in."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from udfs.redaction import MAX_CHARACTERS, mask

CARD = "4111111111111111"


def test_everything_but_digits_stays_readable() -> None:
    assert (
        mask(b'{"card_number": "4111 1111", "customer_id": "c-7"}')
        == '{"card_number": "#### ####", "customer_id": "c-#"}'
    )


@pytest.mark.parametrize("zero", ["0", "\u0660", "\u06f0", "\u0966", "\uff10", "\U0001d7ce"])
@pytest.mark.parametrize("ascii_only", [True, False])
def test_digits_of_other_scripts_are_masked_plain_and_escaped(zero: str, *, ascii_only: bool) -> None:
    spelled = "".join(chr(ord(zero) + int(digit)) for digit in CARD)
    masked = mask(json.dumps({"n": spelled}, ensure_ascii=ascii_only).encode())
    assert set(masked) <= set('{"n: \\u#}')


def test_undecodable_bytes_become_replacement_characters() -> None:
    assert mask(b"\xff4\xfe") == "\ufffd#\ufffd"


def test_what_is_long_is_cut_at_characters() -> None:
    assert mask("\U0001f4b3".encode() * 5_000) == "\U0001f4b3" * MAX_CHARACTERS


@given(st.binary(max_size=3_000) | st.text(max_size=3_000).map(str.encode))
def test_no_digit_survives_and_the_length_is_bounded(payload: bytes) -> None:
    masked = mask(payload)
    assert len(masked) <= MAX_CHARACTERS
    assert not any(character.isdigit() for character in masked)


@given(st.text(st.characters(exclude_characters="\\", exclude_categories=["Cs", "N"]), max_size=MAX_CHARACTERS))
def test_text_without_digits_is_kept(text: str) -> None:
    assert mask(text.encode()) == text
