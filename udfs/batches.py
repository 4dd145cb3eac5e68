"""What the kernel's Python steps call: a batch of rows as it comes from the JVM, and the answer as it goes back.

A batch is the number of its rows and one `bytes` a column, see `Batch.java`; the answer is a record of parts for each
row, see `udfs/parts.py`.
"""

from __future__ import annotations

import gc
import importlib
import traceback
from collections.abc import Callable
from itertools import chain
from typing import Any

import numpy as np
import numpy.typing as npt

from udfs.parts import Packed

Call = Callable[..., bytes]
_LENGTH = np.dtype("<i4")
_NUMBER = np.dtype("<i8")


class StopError(Exception):
    """The job shall not go on by itself: Flink ends it with this message, instead of starting it again."""


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


def answer(packed: Packed) -> bytes:
    """Records for the rows of a batch, in their order, as `Answer.java` puts them together."""
    lengths = [np.fromiter(map(len, each), _LENGTH, len(each)).tobytes() for each in packed.columns]
    width, numbers = (0, b"") if packed.numbers is None else (packed.numbers.itemsize, packed.numbers.tobytes())
    head = np.array([packed.rows, width, len(packed.columns)], _LENGTH).tobytes()
    return b"".join(chain((head, *lengths, numbers), *packed.columns))


def opened(function: str, arguments: dict[str, Any]) -> Call:
    """What `function`, as `module:name`, gives for `arguments`. An error in a call tells where in Python it arose."""
    module, _, name = function.partition(":")
    call: Call = getattr(importlib.import_module(module), name)(**arguments)
    gc.freeze()  # what is loaded now stays: the collector need not look at it again and again

    def traced(count: int, *columns: bytes) -> bytes:
        try:
            return call(count, *columns)
        except StopError:
            raise
        except Exception as error:
            raise RuntimeError(traceback.format_exc()) from error

    return traced
