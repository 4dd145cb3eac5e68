"""From the encrypted file to its text, all in memory: nothing of what is inside is ever written down here."""

from __future__ import annotations

import gzip
import io
import zipfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import IO, Protocol

import pyrage

from udfs.partner_files.refusal import FileRefusedError

_DEFLATE = {zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED}
_ENCRYPTED_FLAG = 0x1
_ENTRY = b"PK\x01\x02"
_MOST_ENTRIES = 1_000


class IdentitiesError(ValueError):
    """The text of an identity file holds no key that age can use."""


def identities(text: str) -> list[pyrage.x25519.Identity]:
    """The keys of a file as `age-keygen` writes it. Raises IdentitiesError, which tells nothing of the text."""
    lines = [line.strip() for line in text.splitlines()]
    keys = [line for line in lines if line and not line.startswith("#")]
    try:
        found = [pyrage.x25519.Identity.from_str(line) for line in keys]
    except pyrage.IdentityError:
        found = []
    if not found:
        raise IdentitiesError("it must hold lines that begin with AGE-SECRET-KEY-1, as age-keygen writes them")
    return found


def decrypted(content: bytes, keys: Sequence[pyrage.x25519.Identity]) -> bytes:
    """What was encrypted. Raises FileRefusedError where it is not for us, was changed or is cut off."""
    if not content:
        raise FileRefusedError("empty", "the file has no bytes at all; ask the partner to send it anew")
    try:
        return bytes(pyrage.decrypt(content, list(keys)))
    except (pyrage.DecryptError, OSError) as error:
        raise FileRefusedError(
            "undecryptable",
            f"age can't decrypt it ({error}): it was encrypted for another key, changed, or cut off before it got its "
            "checksum; ask the partner to encrypt it for our recipient and send it anew",
        ) from None


@contextmanager
def opened(plain: bytes, name: str, most_bytes: int) -> Iterator[IO[str]]:
    """The CSV text of a decrypted file; `name` (….csv.age, ….csv.gz.age, ….zip.age) says how it is packed.

    Raises FileRefusedError for what can't be unpacked or is more than `most_bytes`, while it is read too.
    """
    packed = io.BytesIO(plain)
    with _named(most_bytes):
        if name.endswith(".zip.age"):
            stream: _Readable = _only_member(packed)
        elif name.endswith(".gz.age"):
            stream = gzip.GzipFile(fileobj=packed)
        else:
            stream = packed
        bounded = io.BufferedReader(_Bounded(stream, most_bytes), 1 << 16)
        yield io.TextIOWrapper(bounded, encoding="utf-8-sig", errors="strict", newline="")


class _Readable(Protocol):
    def read(self, size: int, /) -> bytes: ...


class _TooMuchError(Exception):
    """More than was allowed has come out."""


class _Bounded(io.RawIOBase):
    """Reads on until more than `most` bytes have come out, however they were packed."""

    def __init__(self, stream: _Readable, most: int) -> None:
        self._stream = stream
        self._left = most

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: bytearray | memoryview) -> int:  # type: ignore[override]
        with _damage_named():
            data = self._stream.read(min(len(buffer), self._left + 1))
        self._left -= len(data)
        if self._left < 0:
            raise _TooMuchError
        buffer[: len(data)] = data
        return len(data)


@contextmanager
def _named(most_bytes: int) -> Iterator[None]:
    try:
        yield
    except _TooMuchError:
        raise FileRefusedError(
            "unpacks_too_large",
            f"it unpacks to more than {most_bytes >> 20:,} MiB (most_plain_mib); where that is right, raise it, or ask "
            "the partner for several files",
        ) from None
    except UnicodeDecodeError:
        raise FileRefusedError(
            "not_text", "what is inside is no text in UTF-8; ask the partner for CSV in UTF-8"
        ) from None


@contextmanager
def _damage_named() -> Iterator[None]:
    try:
        yield
    except Exception:  # noqa: BLE001 - gzip and zipfile have many for bytes that somebody made up
        raise _bad("what is inside can't be unpacked: it is damaged, or not packed as its name says") from None


def _only_member(packed: io.BytesIO) -> IO[bytes]:
    """The one CSV file of a zip. Nothing is extracted to disk; a name that tries to get out is refused all the same."""
    if packed.getvalue().count(_ENTRY) > _MOST_ENTRIES:  # so that no list of millions of names is built
        raise _bad("the zip holds a great many entries; it must hold one CSV file and nothing else")
    with _damage_named():
        archive = zipfile.ZipFile(packed)
    members = archive.infolist()
    if len(members) != 1:
        raise _bad(f"the zip holds {len(members):,} entries; it must hold one CSV file and nothing else")
    (member,) = members
    name = member.filename
    if "/" in name or "\\" in name or ".." in name or ":" in name or "\0" in member.orig_filename:
        raise _bad(
            "the file in the zip is named with a path, which could lead out of its folder; it must be a plain name"
        )
    if not name.lower().endswith(".csv"):
        raise _bad("the zip holds no .csv file")
    if member.flag_bits & _ENCRYPTED_FLAG or member.compress_type not in _DEFLATE:
        raise _bad("the file in the zip is encrypted or packed in an unusual way; deflate without a password is read")
    with _damage_named():
        return archive.open(member)


def _bad(message: str) -> FileRefusedError:
    return FileRefusedError("bad_archive", f"{message}; ask the partner to send it anew")
