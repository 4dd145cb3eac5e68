"""What a card number looks like, and where one must not stand."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

import numpy as np
import numpy.typing as npt

_NINE = 9
LEAST_DIGITS = 13
_SHAPE = bytes.maketrans(b"123456789._: ", b"000000000----")
_IN_A_ROW, _GROUPED = b"0" * LEAST_DIGITS, b"0000-0000-0000-0"
_MISPLACED = re.compile(r"[0-9]{13}|(?<!\w)[0-9]{4}([-._: ])[0-9]{4}\1[0-9]{4}\1[0-9]{1,7}(?!\w)")


def well_formed(numbers: Sequence[str]) -> npt.NDArray[np.bool_]:
    """For each number whether it is ASCII digits ending in its check digit (Luhn, ISO/IEC 7812-1 annex B)."""
    result = np.zeros(len(numbers), dtype=np.bool_)
    lengths = np.fromiter(map(len, numbers), dtype=np.int64, count=len(numbers))
    for length in np.unique(lengths).tolist():
        rows = np.flatnonzero(lengths == length)
        text = "".join(numbers) if len(rows) == len(numbers) else "".join(numbers[row] for row in rows.tolist())
        if length and text.isascii():
            result[rows] = _luhn(np.frombuffer(text.encode(), dtype=np.uint8).reshape(-1, length))
        elif length:
            result[rows] = [
                number.isascii() and luhn_valid(number) for number in (numbers[row] for row in rows.tolist())
            ]
    return result


def luhn_valid(number: str) -> bool:
    """The same for one number."""
    return number.isascii() and number != "" and bool(_luhn(np.frombuffer(number.encode(), dtype=np.uint8)[None])[0])


def _luhn(codes: npt.NDArray[np.uint8]) -> npt.NDArray[np.bool_]:
    digits = codes - ord("0")  # what stands below "0" wraps around to more than nine
    doubled = digits[:, -2::-2] * 2
    total = digits[:, -1::-2].sum(axis=1, dtype=np.int64) + (doubled - (doubled > _NINE) * _NINE).sum(
        axis=1, dtype=np.int64
    )
    valid: npt.NDArray[np.bool_] = (digits <= _NINE).all(axis=1) & (total % 10 == 0)
    return valid


def holds_card_number(text: str) -> bool:
    """Whether `text` holds 13 digits in a row, or digits grouped as on a card (4-4-4 and the rest)."""
    return _MISPLACED.search(text) is not None


def none_holds_card_number(texts: Iterable[str]) -> bool:
    """Whether no text does: one look at all of them, and the exact search only where that finds something."""
    joined = "\n".join(texts)
    return not _may_hold_card_number(joined.encode()) or _MISPLACED.search(joined) is None


def _may_hold_card_number(text: bytes) -> bool:
    """Whether 13 digits stand in a row anywhere, or 4-4-4-1 digits with separators between."""
    shape = text.translate(_SHAPE)
    return _IN_A_ROW in shape or _GROUPED in shape
