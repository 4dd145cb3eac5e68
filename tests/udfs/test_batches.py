"""Batches as the kernel hands them to Python: what it packs is read, and what is answered it can take apart."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from py4j.protocol import Py4JJavaError
from pyflink.java_gateway import get_gateway

from tests.udfs.kernel_jar import kernel
from udfs import batches
from udfs.parts import Packed

ROWS = st.lists(st.tuples(st.none() | st.binary(max_size=40), st.integers(-(2**50), 2**50)), min_size=1, max_size=20)


def java_batch(rows: list[tuple[bytes | None, int]]) -> list[object]:
    """What the kernel calls Python with for these rows of BYTES and TIMESTAMP_LTZ(3)."""
    jvm = get_gateway().jvm
    kernel()
    types = jvm.org.apache.flink.table.types.logical
    columns = get_gateway().new_array(types.LogicalType, 2)
    columns[0], columns[1] = types.VarBinaryType(), types.LocalZonedTimestampType(3)
    batch = jvm.sluice.kernel.Batch(types.RowType.of(columns), len(rows))
    moment = jvm.org.apache.flink.table.data.TimestampData.fromEpochMillis
    for value, ms in rows:
        row = jvm.org.apache.flink.table.data.GenericRowData(2)
        row.setField(0, value)
        row.setField(1, moment(ms))
        batch.add(row)
    assert batch.isFull()
    taken = list(batch.take())
    assert batch.size() == 0
    return taken


@given(ROWS)
def test_what_the_kernel_packs_is_read(rows: list[tuple[bytes | None, int]]) -> None:
    count, values, numbers = java_batch(rows)
    assert count == len(rows)
    assert isinstance(values, bytes)
    assert isinstance(numbers, bytes)
    assert batches.values(values, len(rows)) == [value for value, _ in rows]
    assert batches.present(values, len(rows)) == [value or b"" for value, _ in rows]
    assert batches.numbers(numbers).tolist() == [number for _, number in rows]


@given(
    rows=st.integers(1, 3).flatmap(
        lambda columns: st.lists(st.tuples(*[st.binary(max_size=20)] * columns), min_size=1)
    ),
    with_numbers=st.booleans(),
)
def test_the_kernel_puts_an_answer_together(rows: list[tuple[bytes, ...]], *, with_numbers: bool) -> None:
    numbers = np.array([(row, -row) for row in range(len(rows))], [("one", "<i8"), ("two", "<i4")])
    packed = Packed(tuple(zip(*rows, strict=True)), numbers if with_numbers else None)
    answer = kernel().Answer(batches.answer(packed), len(rows))
    assert [bytes(answer.record()) for _ in rows] == packed.records()


def test_an_answer_to_another_number_of_rows_is_refused() -> None:
    with pytest.raises(Py4JJavaError, match="was given 2 rows and has answered to 1"):
        kernel().Answer(batches.answer(Packed(([b"a"],))), 2)


def failing(word: str) -> batches.Call:
    def call(count: int, column: bytes) -> bytes:
        raise ValueError(f"{word} {count} {len(column)}")

    return call


def test_an_error_tells_where_in_python_it_arose() -> None:
    call = batches.opened(f"{__name__}:failing", {"word": "no"})
    with pytest.raises(RuntimeError, match=r"(?s)test_batches\.py.*in call.*ValueError: no 3 4"):
        call(3, b"abcd")
