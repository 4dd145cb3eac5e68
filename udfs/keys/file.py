"""Token keys in a file that only its owner can read."""

from __future__ import annotations

import json
import os
import stat
from pathlib import Path
from typing import Any

from udfs.keys.ring import KeyRing, KeysError, TokenKey, new_key, with_next


class KeyFile:
    """A KeySource for one machine; on several, the same file has to lie on each."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def create(self) -> bool:
        if self._path.exists():
            return False
        return write_private(self._path, _text(KeyRing((new_key(0),))), exclusive=True)

    def read(self) -> KeyRing:
        path = self._path
        try:
            content = json.loads(read_private(path))
            return KeyRing(tuple(map(_key, content.get("keys", [content]))))
        except (ValueError, KeyError, TypeError, AttributeError):
            raise KeysError(
                f"key file {path} is damaged; restore it from its backup: new keys break old tokens"
            ) from None
        except KeysError as error:
            raise KeysError(f"key file {path}: {error}") from None

    def add(self, from_ms: int) -> TokenKey:
        keys, added = self.read().keys, new_key(from_ms)
        write_private(self._path, _text(with_next(keys, added)))
        return added


def _key(raw: dict[str, Any]) -> TokenKey:
    """One key; a file of an earlier release has one only, which says no moment."""
    return TokenKey(str(raw["kid"]), bytes.fromhex(raw["key"]), int(raw.get("from_ms", 0)))


def _text(ring: KeyRing) -> str:
    keys = [{"kid": each.kid, "key": each.key.hex(), "from_ms": each.from_ms} for each in ring.keys]
    return json.dumps({"keys": keys}, indent=1)


def read_private(path: Path) -> str:
    """What stands in a file that only its owner can read. Raises KeysError."""
    try:
        mode = path.stat().st_mode
        if mode & (stat.S_IRWXG | stat.S_IRWXO):
            raise KeysError(f"it can be read by others than its owner; run: chmod 600 {path}")
        return path.read_text(encoding="utf-8")
    except FileNotFoundError:
        raise KeysError("it does not exist; submit the job once to make it, or restore it from its backup") from None
    except OSError as error:
        raise KeysError(f"it can't be read: {error.strerror}") from None


def write_private(path: Path, text: str, *, exclusive: bool = False) -> bool:
    """Put a whole file that only its owner can read in the place of `path`, at once; whether it was written.

    With `exclusive` a file that is there stays.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    new = path.with_name(f".{path.name}.{os.getpid()}")
    with os.fdopen(os.open(new, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w", encoding="utf-8") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    try:
        if exclusive:
            os.link(new, path)
        else:
            os.replace(new, path)  # noqa: PTH105 - stands beside os.link
    except FileExistsError:
        return False
    finally:
        new.unlink(missing_ok=True)
    return True
