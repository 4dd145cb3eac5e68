"""Names that a partner's server tells, which nobody has checked, and the checksum files beside them.

A name never becomes a path on this machine: what is stored is called by its `file_id`.
"""

from __future__ import annotations

import hashlib
import re

from contracts.reader import Contract
from udfs.partner_files.refusal import FileRefusedError

CHECKSUM_SUFFIX = b".sha256"
_MOST_SHOWN = 200
_SAFE = re.compile(rb"[A-Za-z0-9_-][A-Za-z0-9_.-]{0,199}")
_CHECKSUM = re.compile(rb"([0-9a-fA-F]{64})(?:[ \t]+\*?([^\r\n]+))?[\r\n]*")
_LONG_NUMBER = re.compile(r"[0-9](?:[ _.:-]?[0-9]){12,}")  # as many digits as the shortest card number


def shown(text: bytes | str) -> str:
    """A foreign name as it may be printed and stored: ASCII, unusual characters escaped, long numbers masked, short."""
    raw = text.decode("utf-8", errors="backslashreplace") if isinstance(text, bytes) else text
    plain = "".join(each if " " <= each <= "~" else each.encode("unicode_escape").decode() for each in raw)
    masked = _LONG_NUMBER.sub(lambda found: re.sub("[0-9]", "#", found[0]), plain)
    return masked if len(masked) <= _MOST_SHOWN else masked[:_MOST_SHOWN] + "…"


def check_plain(name: bytes) -> None:
    """Raise FileRefusedError where `name` could mean another place than its folder."""
    if _SAFE.fullmatch(name) is None:
        raise FileRefusedError(
            "unsafe_name",
            f"{shown(name)!r} is no plain file name (letters, digits, _ . -), so it was not fetched; "
            "ask the partner who put it there",
        )


def check_expected(name: bytes, contract: Contract) -> None:
    """Raise FileRefusedError where `name`, which is plain, is not as the contract says."""
    if re.fullmatch(contract.custom["fileName"], name.decode()) is None:
        raise FileRefusedError(
            "unexpected_name",
            f"{shown(name)} is not called as the contract {contract.id} says ({contract.custom['fileName']}), so it "
            "was not fetched; ask the partner to rename it, or widen fileName in the contract",
        )


def checksum(content: bytes, name: bytes) -> str:
    """The SHA-256, in lower-case hex, that a checksum file as of `sha256sum` gives for `name`.

    Raises FileRefusedError for anything else.
    """
    found = _CHECKSUM.fullmatch(content)
    if found is None or (found[2] is not None and found[2] != name):
        raise FileRefusedError(
            "bad_checksum_file",
            f"{shown(name)}.sha256 is not as `sha256sum {shown(name)}` writes it; ask the partner to send it anew",
        )
    return found[1].decode().lower()


def file_id(feed: str, name: bytes, *marks: object) -> str:
    """A name of 32 hexadecimal digits for what lies under `name`, as far as `marks` tell it from another."""
    parts = [feed.encode(), name, *(str(mark).encode() for mark in marks)]
    return hashlib.sha256(b"".join(b"%d:%s" % (len(each), each) for each in parts)).hexdigest()[:32]
