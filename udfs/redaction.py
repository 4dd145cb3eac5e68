"""Makes a message harmless to keep: no digit of it survives."""

from __future__ import annotations

import re

MAX_CHARACTERS = 2_000
_MAX_UTF8_BYTES = 4
_ESCAPED = re.compile(r"\\u[0-9A-Fa-f]{4}")


def mask(payload: bytes) -> str:
    """`payload` as text of at most 2,000 characters, every digit of any script as '#'.

    Undecodable bytes become replacement characters. JSON's \\u escapes are masked whole, since they can spell a digit.
    """
    text = payload[: MAX_CHARACTERS * _MAX_UTF8_BYTES].decode("utf-8", errors="replace")
    unescaped = _ESCAPED.sub(r"\\u####", text)[:MAX_CHARACTERS]
    return "".join("#" if character.isdigit() else character for character in unescaped)
