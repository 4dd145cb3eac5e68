"""Batches as the kernel hands them to Python: what it packs is read, and what is answered it can take apart."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pyflink.java_gateway import get_gateway

from tests.udfs.kernel_jar import kernel
from udfs import batches
from udfs.parts import packed

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


@given(st.lists(st.binary(min_size=1, max_size=40), min_size=1, max_size=20))
def test_the_kernel_takes_an_answer_apart(values: list[bytes]) -> None:
    answer = batches.answer(packed(values))
    records = packed(values).to_pylist()
    part = kernel().Part()
    assert [bytes(part.eval(answer, row)) for row in range(len(values))] == records


def failing(word: str) -> batches.Call:
    def call(count: int, column: bytes) -> bytes:
        raise ValueError(f"{word} {count} {len(column)}")

    return call


def test_an_error_tells_where_in_python_it_arose() -> None:
    call = batches.opened(f"{__name__}:failing", {"word": "no"})
    with pytest.raises(RuntimeError, match=r"(?s)test_batches\.py.*in call.*ValueError: no 3 4"):
        call(3, b"abcd")
