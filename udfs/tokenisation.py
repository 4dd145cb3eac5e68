"""Card numbers to tokens: HMAC-SHA-256 of the whole number under a key with an id, written `kid_hex`."""

from __future__ import annotations

import hashlib
import json
import os
import secrets
import stat
from collections.abc import Callable
from pathlib import Path

KEY_BYTES = 32
_BLOCK = 64


class KeyFileError(RuntimeError):
    """The key file is missing, readable by others or malformed; the message says what to do."""


def create_key_file(path: Path) -> bool:
    """Make a key file that only its owner can read, unless there is one. Returns whether it was made."""
    path.parent.mkdir(parents=True, exist_ok=True)
    try:
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        return False
    key = secrets.token_bytes(KEY_BYTES)
    with os.fdopen(handle, "w", encoding="utf-8") as file:
        json.dump({"kid": hashlib.sha256(key).hexdigest()[:8], "key": key.hex()}, file)
    return True


def load_key(path: Path) -> tuple[str, bytes]:
    """The key id and the key of `path`. Raises KeyFileError."""
    try:
        mode = path.stat().st_mode
    except FileNotFoundError:
        raise KeyFileError(f"key file {path} does not exist; submit the job once to make it, or restore it") from None
    if mode & (stat.S_IRWXG | stat.S_IRWXO):
        raise KeyFileError(f"key file {path} can be read by others than its owner; run: chmod 600 {path}")
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
        kid, key = str(content["kid"]), bytes.fromhex(content["key"])
    except (ValueError, KeyError, TypeError):
        raise KeyFileError(
            f"key file {path} is damaged; restore it from its backup: new keys break old tokens"
        ) from None
    if len(key) != KEY_BYTES or not kid.isalnum():
        raise KeyFileError(f"key file {path} must hold an alphanumeric 'kid' and a 'key' of {KEY_BYTES} bytes in hex")
    return kid, key


def tokeniser(kid: str, key: bytes) -> Callable[[str], str]:
    """A function from card number to token.

    HMAC is spelled out (RFC 2104) because two plain SHA-256 calls take half the time of hmac.digest.
    """
    block = key.ljust(_BLOCK, b"\0")
    inner = bytes(byte ^ 0x36 for byte in block)
    outer = bytes(byte ^ 0x5C for byte in block)
    prefix = f"{kid}_"
    sha256 = hashlib.sha256

    def token(card_number: str) -> str:
        return prefix + sha256(outer + sha256(inner + card_number.encode()).digest()).hexdigest()

    return token
