"""Card numbers from a test range, valid by their check digit and issued by nobody."""

from __future__ import annotations

from hashlib import blake2b

import numpy as np
import numpy.typing as npt

Ints = npt.NDArray[np.int64]

TEST_BIN = 400_000
SHORT = 10**9  # accounts of 9 digits, as in numbers of 16
LONG = 10**12  # accounts of 12 digits, as in numbers of 19
_SPREAD = 387_420_489  # a power of 3, so coprime to 10^9: distinct indices give distinct accounts


def _with_check_digit(body: Ints) -> Ints:
    """`body` with the check digit of ISO/IEC 7812-1, annex B (Luhn), appended."""
    total = np.zeros_like(body)
    rest, doubled = body.copy(), True
    while rest.any():
        digit = rest % 10 * (2 if doubled else 1)
        total += digit // 10 + digit % 10
        rest //= 10
        doubled = not doubled
    return np.asarray(body * 10 + (-total) % 10, dtype=np.int64)


def issue_cards(index: Ints, salt: int = 0) -> Ints:
    """A card number of 16 digits for each index below 10^9; distinct for distinct indices of one `salt`."""
    return _with_check_digit(TEST_BIN * SHORT + (index % SHORT * _SPREAD + salt % SHORT) % SHORT)


def card_of(value: object) -> str:
    """The card number that stands for `value`: of 16 digits for an integer, of 19 digits for a text.

    Integers from 0 to 10^9 never share a card; of a million texts about one has a number in common with another.
    """
    if isinstance(value, int) and 0 <= value < SHORT:
        return str(issue_cards(np.array([value], dtype=np.int64))[0])
    account = int.from_bytes(blake2b(str(value).encode(), digest_size=8).digest(), "big") % LONG
    return str(_with_check_digit(np.array([TEST_BIN * LONG + account], dtype=np.int64))[0])
