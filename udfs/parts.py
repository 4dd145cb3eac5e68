"""Several values in one column: each column costs at every step, and reading a field of a ROW copies all of it.

A record of parts is, little-endian, the int32 positions where its parts begin and where the last one ends, then the
parts. SQL reads one with `part(record, n)`, where an empty part is NULL; see `Parts.java`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import accumulate

import numpy as np
import numpy.typing as npt

POSITION = np.dtype("<i4")


def head(count: int) -> np.dtype[np.void]:
    """The layout of the positions in a record of `count` parts."""
    return np.dtype((POSITION, (count + 1,)))


@dataclass(frozen=True)
class Packed:
    """Records of parts before they are put together: one part of each column, all of equal length.

    With `numbers`, of the same length, each of its packed records is the first part.
    """

    columns: tuple[Sequence[bytes], ...]
    numbers: npt.NDArray[np.void] | None = None

    @property
    def rows(self) -> int:
        return len(self.columns[0])

    def records(self) -> list[bytes]:
        """One for each row."""
        first = () if self.numbers is None else ([row.tobytes() for row in self.numbers],)
        return [record(*row) for row in zip(*first, *self.columns, strict=True)]


def record(*parts: bytes) -> bytes:
    """One record of these parts."""
    positions = accumulate(map(len, parts), initial=POSITION.itemsize * (len(parts) + 1))
    return b"".join((np.fromiter(positions, POSITION).tobytes(), *parts))
