"""Several values in one column: each column costs at every step, and reading a field of a ROW copies all of it.

A record of parts is, little-endian, the int32 positions where its parts begin and where the last one ends, then the
parts. SQL reads one with `part(record, n)`, where an empty part is NULL; see `Parts.java`.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import chain

import numpy as np
import numpy.typing as npt
import pyarrow as pa

POSITION = np.dtype("<i4")


def head(count: int) -> np.dtype[np.void]:
    """The layout of the positions in a record of `count` parts."""
    return np.dtype((POSITION, (count + 1,)))


def packed(*columns: Sequence[bytes], numbers: npt.NDArray[np.void] | None = None) -> pa.Array:
    """A binary column of records, each of which has one part of every column. Columns are of equal length.

    With `numbers`, of the same length, each of its packed records is the first part.
    """
    fixed = () if numbers is None else (("numbers", numbers.dtype),)
    count = len(fixed) + len(columns)
    heads = np.empty(len(columns[0]), [("positions", head(count)), *fixed])
    positions = heads["positions"]
    positions[:, 0] = head(count).itemsize
    if numbers is not None:
        heads["numbers"] = numbers
        positions[:, 1] = heads.itemsize
    for at, values in enumerate(columns, len(fixed)):
        positions[:, at + 1] = positions[:, at] + np.fromiter(map(len, values), POSITION, len(values))
    filled = [values for values in columns if any(values)]
    data = b"".join(chain.from_iterable(zip(_sliced(heads), *filled, strict=True)))
    ends = np.zeros(len(heads) + 1, np.int32)
    np.cumsum(positions[:, -1], out=ends[1:])
    return pa.BinaryArray.from_buffers(pa.binary(), len(heads), [None, pa.py_buffer(ends), pa.py_buffer(data)])


def _sliced(records: npt.NDArray[np.void]) -> list[bytes]:
    data, size = records.tobytes(), records.itemsize
    return [data[at : at + size] for at in range(0, len(data), size)]
