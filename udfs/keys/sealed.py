"""Cards sealed for the token vault (contract `token_vault`), and opened again."""

from __future__ import annotations

import os
from base64 import b64decode, b64encode
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
import orjson
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from udfs.keys.ring import KeysError
from udfs.keys.tokens import Tokenised
from udfs.keys.vault_keys import DataKey
from udfs.times import iso_ms

_NONCE_BYTES = 12
_LONGEST_CARD = 19
_REMEMBERED = 2**21


class Sealer:
    """Seals cards under one data key."""

    def __init__(self, key: DataKey) -> None:
        self._cipher, self._wrapped = AESGCM(key.plain), b64encode(key.wrapped).decode()

    def __call__(self, token: str, linking: str, card_number: str, seen_ms: int) -> bytes:
        """A record of the vault. The number's length does not show, and it can be opened beside this token only."""
        nonce = os.urandom(_NONCE_BYTES)
        sealed = self._cipher.encrypt(nonce, card_number.ljust(_LONGEST_CARD).encode(), token.encode())
        return orjson.dumps(
            {
                "card_token": token,
                "linking_token": linking,
                "sealed": b64encode(nonce + sealed).decode(),
                "wrapped_key": self._wrapped,
                "seen_at": iso_ms(seen_ms),
            }
        )


def opened(record: Mapping[str, Any], unwrap: Callable[[bytes], bytes]) -> str:
    """The card number of a record of the vault. Raises KeysError."""
    raw = b64decode(record["sealed"])
    cipher = AESGCM(unwrap(b64decode(record["wrapped_key"])))
    try:
        content = cipher.decrypt(raw[:_NONCE_BYTES], raw[_NONCE_BYTES:], record["card_token"].encode())
    except InvalidTag:
        raise KeysError(
            "the vault's record was sealed for another key or has been changed; it can't be opened"
        ) from None
    return content.decode().rstrip()


class NewTokens:
    """Tells which tokens of a batch may not have been sealed yet, a whole batch at a time.

    A table of 16 MiB holds, at a place that follows from a token, which token was there last. Of two that share a place
    each comes again and again, which costs but harms nobody: the vault keeps one record a token.
    """

    def __init__(self, slots: int = _REMEMBERED) -> None:
        self._last = np.zeros(slots, np.uint64)

    def among(self, marks: npt.NDArray[np.uint64]) -> list[int]:
        """The first row of each that is new; `marks` are numbers that tell tokens apart."""
        places = marks % np.uint64(len(self._last))
        new = np.flatnonzero(self._last[places] != marks)
        if not new.size:
            return []
        self._last[places[new]] = marks[new]
        _, first = np.unique(marks[new], return_index=True)
        return sorted(new[first].tolist())


def sealed(
    seal: Sealer, new: NewTokens, cards: Sequence[str], tokens: Tokenised, moments: Sequence[int]
) -> dict[int, tuple[bytes, bytes]]:
    """Row to token and record, for the rows whose token has not been seen. `moments`: append times, ms since 1970."""
    return {
        row: (
            tokens.shown[row].encode(),
            seal(tokens.shown[row], tokens.linking[row], cards[row], moments[row]),
        )
        for row in new.among(tokens.marks)
    }
