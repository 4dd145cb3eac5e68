"""The token keys in the order in which they hold, and the one interface to whoever keeps them."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import NamedTuple, Protocol

KEY_BYTES = 32
_KID_CHARACTERS = 8


class KeysError(RuntimeError):
    """Keys can't be had: who keeps them is away, refuses, or has none that are whole. The message says what to do."""


class TokenKey(NamedTuple):
    """It holds for what Kafka has appended from `from_ms` (ms since 1970) on, until the next one does."""

    kid: str
    key: bytes
    from_ms: int

    def __repr__(self) -> str:
        return f"TokenKey({self.kid!r}, from_ms={self.from_ms})"


@dataclass(frozen=True)
class KeyRing:
    """Every token key there was, oldest first. Under the first one histories are kept, whichever key tokens show."""

    keys: tuple[TokenKey, ...]

    def __post_init__(self) -> None:
        moments = [each.from_ms for each in self.keys]
        if not moments or moments[0] != 0 or any(later <= one for one, later in pairwise(moments)):
            raise KeysError("token keys must hold one after the other, the first from the beginning; restore a backup")
        if len({each.kid for each in self.keys}) < len(self.keys):
            raise KeysError("two token keys have the same id; restore a backup")
        if any(len(each.key) != KEY_BYTES or not each.kid.isalnum() for each in self.keys):
            raise KeysError(f"a token key needs an alphanumeric 'kid' and {KEY_BYTES} bytes; restore a backup")

    def holding(self, moment_ms: int) -> TokenKey:
        """The key that holds for what is appended at `moment_ms`."""
        return next(each for each in reversed(self.keys) if each.from_ms <= moment_ms)


class KeySource(Protocol):
    """Who keeps the token keys."""

    def read(self) -> KeyRing:
        """All keys. Raises KeysError."""

    def create(self) -> bool:
        """Make the first key, unless there is one; whether it was made. Raises KeysError."""

    def add(self, from_ms: int) -> TokenKey:
        """Make one more key, which holds from `from_ms` on. Raises KeysError."""


def kid_of(key: bytes) -> str:
    """The id of a new key, from which nothing of the key follows."""
    return hashlib.sha256(key).hexdigest()[:_KID_CHARACTERS]


def new_key(from_ms: int) -> TokenKey:
    key = secrets.token_bytes(KEY_BYTES)
    return TokenKey(kid_of(key), key, from_ms)


def with_next(keys: Sequence[TokenKey], key: TokenKey) -> KeyRing:
    """The ring with one key more. Raises KeysError where an earlier rotation is yet to take effect after it."""
    if keys and keys[-1].from_ms >= key.from_ms:
        raise KeysError(f"key {keys[-1].kid} is yet to take effect; rotate again when it holds")
    return KeyRing((*keys, key))
