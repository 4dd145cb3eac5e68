"""The fixed part of a transaction between the steps: what the kernel reads, as one record of little-endian numbers.

The first fields are those of `udfs/kernel/…/Facts.java`, in its order; what follows them passes the kernel unread.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from hashlib import sha256
from zlib import crc32

import numpy as np
import numpy.typing as npt
import pyarrow as pa

FACTS = np.dtype(
    [
        ("id", "<u8"),
        ("content", "<u8", (2,)),
        ("entity", "<u8"),
        ("event_ms", "<i8"),
        ("amount_usd_minor", "<i8"),
        ("ingested_ms", "<i8"),
        ("source_offset", "<i8"),
        ("source_partition", "<i4"),
        ("categories", "<u4", (3,)),
        ("gated_ms", "<i8"),
    ]
)
"""One transaction; `_ms` are milliseconds since 1970, `categories` are hashes of merchant, country and terminal."""

EARLIER = np.dtype([("conflict", "<i4"), ("source_partition", "<i4"), ("source_offset", "<i8")])
"""Where a transaction with the same id stands, and whether its content is another (1) or the same (0)."""

_SHA256 = sha256()

FactsArray = npt.NDArray[np.void]


def digests(texts: Iterable[bytes]) -> npt.NDArray[np.uint64]:
    """The first 16 bytes of the SHA-256 of each text, as two numbers."""
    found = []
    for text in texts:
        state = _SHA256.copy()  # half the time of sha256(text)
        state.update(text)
        found.append(state.digest())
    return np.frombuffer(b"".join(found), "<u8").reshape(-1, 4)[:, :2]


def text_hash(text: str) -> int:
    """CRC-32 of the UTF-8 bytes."""
    return crc32(text.encode())


def packed(records: FactsArray) -> pa.Array:
    """A binary column of one element a record."""
    size = records.dtype.itemsize
    buffers = [None, pa.py_buffer(records.tobytes())]
    return pa.FixedSizeBinaryArray.from_buffers(pa.binary(size), len(records), buffers).cast(pa.binary())


def unpacked(elements: Sequence[bytes], layout: np.dtype[np.void]) -> FactsArray:
    """The records of a binary column."""
    return np.frombuffer(b"".join(elements), layout)
