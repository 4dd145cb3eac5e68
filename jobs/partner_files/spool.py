"""Where files lie that are under way, and those that are held back: below `partner_files.home`, encrypted as they came.

Each is called by its file_id. A file that was moved or finished twice is the same as one that was once.
"""

from __future__ import annotations

import fcntl
import hashlib
import os
from collections.abc import Collection, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from sluice.errors import SluiceError

_BLOCK = 1 << 20
_SUFFIX = ".age"


class SpoolError(SluiceError):
    """The folder of partners' files can't be used."""


class Part:
    """A file that is being fetched; a later run goes on with it."""

    def __init__(self, path: Path, most_bytes: int) -> None:
        self.path = path
        self._most_bytes = most_bytes

    def size(self) -> int:
        return self.path.stat().st_size if self.path.exists() else 0

    @contextmanager
    def open(self) -> Iterator[IO[bytes]]:
        """For appending; what was written is on disk at the end, also when it breaks off."""
        if self.size() > self._most_bytes:
            self.path.unlink()
        with self.path.open("ab") as file:
            try:
                yield file
            finally:
                file.flush()
                os.fsync(file.fileno())

    def append(self, file: IO[bytes], data: bytes) -> None:
        """Raises SpoolError where the disk takes no more."""
        try:
            file.write(data)
        except OSError as error:
            raise SpoolError(f"{self.path} can't be written: {error.strerror}; what has come is kept") from error

    def sha256(self) -> str:
        digest = hashlib.sha256()
        with self.path.open("rb") as file:
            while block := file.read(_BLOCK):
                digest.update(block)
        return digest.hexdigest()


class Spool:
    """The folders of one feed. Raises SpoolError where they can't be made."""

    def __init__(self, home: Path, feed: str) -> None:
        self._root = home / feed
        self._incoming = self._root / "incoming"
        self._quarantine = self._root / "quarantine"
        try:
            for each in (self._incoming, self._quarantine):
                each.mkdir(parents=True, exist_ok=True, mode=0o700)
        except OSError as error:
            raise SpoolError(f"{self._root} can't be made: {error.strerror}; see partner_files.home") from error

    @contextmanager
    def alone(self) -> Iterator[None]:
        """One process at a time works on a feed; a lock goes with its process, however that ends."""
        with (self._root / "lock").open("w") as file:
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError as error:
                raise SpoolError(
                    f"another process is at work on the files of {self._root.name}; wait for it, or end it"
                ) from error
            yield

    def part(self, file_id: str, most_bytes: int) -> Part:
        return Part(self._incoming / f"{file_id}{_SUFFIX}", most_bytes)

    def keep(self, part: Part, file_id: str) -> Path:
        """Move a file to those that are held back."""
        kept = self.kept(file_id)
        part.path.replace(kept)
        folder = os.open(self._quarantine, os.O_RDONLY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)
        return kept

    def kept(self, file_id: str) -> Path:
        """Where a file that is held back lies, if it is."""
        return self._quarantine / f"{file_id}{_SUFFIX}"

    def clear_kept(self, loaded: Iterable[str]) -> None:
        """Remove what was held back and is `loaded` by now, where the run that loaded it could not."""
        for each in loaded:
            self.kept(each).unlink(missing_ok=True)

    def clear(self, wanted: Collection[str]) -> None:
        """Remove what is under way but no longer `wanted`: it has ended, or the partner has taken it back."""
        for each in self._incoming.iterdir():
            if each.stem not in wanted:
                each.unlink()
