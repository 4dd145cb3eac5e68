"""Where a system reads and writes, handed to its processes in their environment."""

from __future__ import annotations

import os
from pathlib import Path
from typing import NamedTuple, Self

from udfs.keys.file import KeyFile
from udfs.tokenisation import Tokeniser

_PREFIX = "VELOCITY_"


def tokeniser(key_file: Path) -> Tokeniser:
    """With the first of its keys. Raises KeysError."""
    key = KeyFile(key_file).read().keys[0]
    return Tokeniser(key.kid, key.key)


class Ends(NamedTuple):
    """Broker, topics, the file of the token key, and a folder for state that is empty at the start."""

    bootstrap: str
    input: str
    output: str
    key_file: str
    folder: str

    @classmethod
    def of_environment(cls) -> Self:
        return cls(*(os.environ[_PREFIX + name.upper()] for name in cls._fields))

    def environment(self) -> dict[str, str]:
        return {_PREFIX + name.upper(): value for name, value in self._asdict().items()}

    def tokeniser(self) -> Tokeniser:
        """Raises KeysError."""
        return tokeniser(Path(self.key_file))
