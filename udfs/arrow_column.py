"""Lets a vectorised UDF hand Arrow arrays to Flink as they are."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pyarrow as pa


class ArrowRows:
    """One ROW column made of Arrow arrays, in the order of the UDF's result fields.

    PyFlink turns a UDF's result into Arrow by pyarrow.Array.from_pandas(result, mask=result.isnull()); Arrow's own
    protocol then takes these arrays without a detour through pandas objects.
    """

    def __init__(self, arrays: Sequence[pa.Array]) -> None:
        self._arrays = arrays

    def __len__(self) -> int:
        return len(self._arrays[0])

    def isnull(self) -> None:
        """Nulls stand in the arrays themselves."""

    def __arrow_array__(self, type: pa.DataType | None = None) -> pa.Array:  # noqa: A002 - Arrow's protocol
        if type is None:
            raise TypeError("Flink names the row type of a UDF's result")
        fields = [type.field(number) for number in range(type.num_fields)]
        arrays = [array.cast(field.type) for array, field in zip(self._arrays, fields, strict=True)]
        return pa.StructArray.from_arrays(arrays, fields=fields)


def column(values: Sequence[Any], kind: pa.DataType) -> pa.Array:
    return pa.array(values, type=kind, from_pandas=False)
