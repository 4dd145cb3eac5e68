"""What the kernel's Python steps call: a batch of rows as it comes from the JVM, and the answer as it goes back.

A batch is the number of its rows and one `bytes` a column, see `Batch.java`; the answer is a record of parts, one for
each row, see `udfs/parts.py`.
"""

from __future__ import annotations

import gc
import importlib
import traceback
from collections.abc import Callable
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from udfs.parts import POSITION

Call = Callable[..., bytes]
_LENGTH = np.dtype("<i4")
_NUMBER = np.dtype("<i8")


def present(column: bytes, count: int) -> list[bytes]:
    """A column of bytes as one value for each of `count` rows; NULL is empty."""
    lengths = np.frombuffer(column, _LENGTH, count)
    ends = (lengths.clip(0).cumsum() + lengths.nbytes).tolist()
    return [column[start:end] for start, end in zip([lengths.nbytes, *ends[:-1]], ends, strict=True)]


def values(column: bytes, count: int) -> list[bytes | None]:
    """A column of bytes as one value for each of `count` rows; NULL is None."""
    found: list[bytes | None] = list(present(column, count))
    for row in np.flatnonzero(np.frombuffer(column, _LENGTH, count) < 0).tolist():
        found[row] = None
    return found


def numbers(column: bytes) -> npt.NDArray[np.int64]:
    """A column of integers, or of moments in ms since 1970."""
    return np.frombuffer(column, _NUMBER)


def answer(records: pa.Array) -> bytes:
    """A column as `parts.packed` gives it, without nulls, for the rows of a batch in their order."""
    _, ends, data = records.buffers()
    positions = np.frombuffer(ends, POSITION, len(records) + 1) + POSITION.itemsize * (len(records) + 1)
    return b"".join((positions.astype(POSITION).tobytes(), data))


def opened(function: str, arguments: dict[str, Any]) -> Call:
    """What `function`, as `module:name`, gives for `arguments`. An error in a call tells where in Python it arose."""
    module, _, name = function.partition(":")
    call: Call = getattr(importlib.import_module(module), name)(**arguments)
    gc.freeze()  # what is loaded now stays: the collector need not look at it again and again

    def traced(count: int, *columns: bytes) -> bytes:
        try:
            return call(count, *columns)
        except Exception as error:
            raise RuntimeError(traceback.format_exc()) from error

    return traced
