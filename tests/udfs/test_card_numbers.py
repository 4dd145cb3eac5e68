from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from udfs.card_numbers import holds_card_number, luhn_valid, none_holds_card_number, well_formed


def check_digit(digits: str) -> str:
    """By the book: double every second digit from the right, add the digits of all."""
    total = 0
    for place, digit in enumerate(reversed(digits)):
        value = int(digit) * (2 if place % 2 == 0 else 1)
        total += value // 10 + value % 10
    return str(-total % 10)


DIGITS = st.text("0123456789", min_size=12, max_size=18)


@given(DIGITS, st.integers(0, 9))
def test_only_the_right_check_digit_is_accepted(digits: str, digit: int) -> None:
    assert luhn_valid(digits + str(digit)) == (str(digit) == check_digit(digits))


@given(st.lists(st.one_of(DIGITS.map(lambda each: each + check_digit(each)), st.text(max_size=19)), max_size=6))
def test_a_batch_is_judged_like_each_of_its_numbers(numbers: list[str]) -> None:
    assert well_formed(numbers).tolist() == [luhn_valid(number) for number in numbers]


@pytest.mark.parametrize(
    "number", ["", "4111 1111 1111 1111", "411111111111111a", "٤١١١١١١١١١١١١١١١", "-111111111111111"]
)
def test_what_is_not_ascii_digits_is_refused(number: str) -> None:
    assert not luhn_valid(number)
    assert not well_formed([number])[0]


@pytest.mark.parametrize(
    "text",
    [
        "4111111111111111",
        "x4111111111111111",
        "4111-1111-1111-1111",
        "id 4111 1111 1111 1",
        "1234567890123",
        "x-4111-1111-1111-1111-y",
    ],
)
def test_card_numbers_in_other_places_are_found(text: str) -> None:
    assert holds_card_number(text)
    assert not none_holds_card_number(["m-1", text, "t-1"])


@pytest.mark.parametrize(
    "text", ["m-123456789012", "12345678-1234-1234-1234-123456789012", "4111-1111 1111-1111", "tx.4111.1111"]
)
def test_other_ids_are_left_alone(text: str) -> None:
    assert not holds_card_number(text)
    assert none_holds_card_number([text, text])


def test_neighbours_in_a_batch_do_not_add_up() -> None:
    assert none_holds_card_number(["1234567", "8901234"])
