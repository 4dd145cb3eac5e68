"""Several values in one column: each column costs at every step, and reading a field of a ROW copies all of it.

A record of parts is, little-endian, the int32 positions where its parts begin and where the last one ends, then the
parts. SQL reads one with `part(record, n)`, where an empty part is NULL; see `Parts.java`.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import chain

import numpy as np
import pyarrow as pa

POSITION = np.dtype("<i4")


def head(count: int) -> np.dtype[np.void]:
    """The layout of the positions in a record of `count` parts."""
    return np.dtype((POSITION, (count + 1,)))


def sliced(data: bytes, size: int) -> list[bytes]:
    """`data` cut into pieces of `size` bytes."""
    return [data[at : at + size] for at in range(0, len(data), size)]


def packed(*columns: Sequence[bytes]) -> pa.Array:
    """A binary column of records, each of which has one part of every column. Columns are of equal length."""
    size, layout = len(columns[0]), head(len(columns))
    positions = np.empty(size, layout)
    positions[:, 0] = layout.itemsize
    for number, values in enumerate(columns):
        positions[:, number + 1] = positions[:, number] + np.fromiter(map(len, values), POSITION, size)
    heads = sliced(positions.tobytes(), layout.itemsize)
    data = b"".join(chain.from_iterable(zip(heads, *columns, strict=True)))
    ends = np.zeros(size + 1, np.int32)
    np.cumsum(positions[:, -1], out=ends[1:])
    return pa.BinaryArray.from_buffers(pa.binary(), size, [None, pa.py_buffer(ends), pa.py_buffer(data)])
