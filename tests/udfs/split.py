"""Packed records taken apart, not by the code that packs them."""

from __future__ import annotations

import struct
from collections.abc import Sequence


def split(record: bytes, names: Sequence[str]) -> dict[str, bytes | None]:
    """The parts of `record` by name, an empty one as None."""
    at = struct.unpack_from(f"<{len(names) + 1}i", record)
    assert (at[0], at[-1]) == (4 * len(at), len(record))
    return {name: record[start:end] or None for name, start, end in zip(names, at, at[1:], strict=False)}
