"""Cards to tokens under the key that holds for each, and to what links the tokens of one card."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from udfs.keys.ring import KeyRing
from udfs.tokenisation import DIGEST_BYTES, Tokeniser

_NUMBERS, _MARK = DIGEST_BYTES // 8, 2
"""Which eight bytes of a digest tell cards apart here; the entity and its bucket are made of those before."""


class Tokenised(NamedTuple):
    """Of a batch of cards: the tokens that are shown, those under the first key, and the latter's digests side by side.

    The two lists are the same object while the first key is the only one that holds. `marks` tell shown tokens apart.
    """

    shown: list[str]
    linking: list[str]
    digests: bytes
    marks: npt.NDArray[np.uint64]


class Tokens:
    """The tokens that a key ring makes."""

    def __init__(self, ring: KeyRing) -> None:
        self._first, *self._later = [Tokeniser(each.kid, each.key) for each in ring.keys]
        self._from_ms = np.array([each.from_ms for each in ring.keys[1:]], np.int64)

    def all(self, card_numbers: Sequence[str], ingested_ms: Sequence[int]) -> Tokenised:
        """`ingested_ms` says for each card when Kafka appended it, in ms since 1970."""
        linking, digests = self._first.all(card_numbers)
        shown, marks = linking, np.frombuffer(digests, "<u8").reshape(-1, _NUMBERS)[:, _MARK]
        if self._later and max(ingested_ms, default=0) >= self._from_ms[0]:
            holding = np.searchsorted(self._from_ms, np.array(ingested_ms, np.int64), side="right")
            shown, marks = list(linking), marks + holding.astype(np.uint64)
            for number in np.unique(holding[holding > 0]).tolist():
                rows = np.flatnonzero(holding == number).tolist()
                made, _ = self._later[number - 1].all([card_numbers[row] for row in rows])
                for row, token in zip(rows, made, strict=True):
                    shown[row] = token
        return Tokenised(shown, linking, digests, marks)
