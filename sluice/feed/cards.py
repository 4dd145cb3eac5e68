"""Card numbers from a test range, valid by their check digit and issued by nobody."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

TEST_BIN = 400_000
_ACCOUNTS = 10**9
_SPREAD = 387_420_489  # a power of 3, so coprime to 10^9: distinct indices give distinct accounts


def issue_cards(index: npt.NDArray[np.int64], salt: int = 0) -> npt.NDArray[np.int64]:
    """A 16-digit card number for each index below 10^9; distinct for distinct indices of one `salt`.

    The check digit is that of ISO/IEC 7812-1, annex B (Luhn).
    """
    account = (index % _ACCOUNTS * _SPREAD + salt % _ACCOUNTS) % _ACCOUNTS
    body = TEST_BIN * _ACCOUNTS + account
    total = np.zeros_like(body)
    rest = body.copy()
    for position in range(15):
        digit = rest % 10
        rest //= 10
        if position % 2 == 0:
            digit = digit * 2
            digit -= np.where(digit > 9, 9, 0)  # noqa: PLR2004 - the digit sum of a two-digit product
        total += digit
    return np.asarray(body * 10 + (-total) % 10, dtype=np.int64)
