"""Lets a vectorised UDF hand an Arrow array to Flink as it is."""

from __future__ import annotations

import pyarrow as pa


class ArrowColumn:
    """The result of a UDF as an Arrow array.

    PyFlink turns a UDF's result into Arrow by pyarrow.Array.from_pandas(result, mask=result.isnull()); Arrow's own
    protocol then takes the array without a detour through pandas objects.
    """

    def __init__(self, array: pa.Array) -> None:
        self._array = array

    def __len__(self) -> int:
        return len(self._array)

    def isnull(self) -> None:
        """Nulls stand in the array itself."""

    def __arrow_array__(self, type: pa.DataType | None = None) -> pa.Array:  # noqa: A002 - Arrow's protocol
        return self._array if type in (None, self._array.type) else self._array.cast(type)
