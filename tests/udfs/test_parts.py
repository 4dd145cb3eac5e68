from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from tests.udfs.split import split
from udfs.parts import Packed

ROWS = st.integers(1, 4).flatmap(lambda count: st.lists(st.tuples(*[st.binary(max_size=9)] * count), min_size=1))


@given(ROWS)
def test_each_part_is_found_where_its_record_says(rows: list[tuple[bytes, ...]]) -> None:
    names = [str(number) for number in range(len(rows[0]))]
    records = Packed(tuple(zip(*rows, strict=True))).records()
    found = [tuple(part or b"" for part in split(each, names).values()) for each in records]
    assert found == rows


def test_no_rows_make_an_empty_column() -> None:
    assert Packed(([], [])).records() == []


def test_records_of_numbers_are_the_first_part() -> None:
    numbers = np.array([(1, 2), (3, 4)], [("one", "<i8"), ("two", "<i4")])
    records = Packed(([b"a", b""], [b"", b"bc"]), numbers).records()
    found = [split(each, ("numbers", "word", "text")) for each in records]
    assert [each["numbers"] for each in found] == [row.tobytes() for row in numbers]
    assert [(each["word"], each["text"]) for each in found] == [(b"a", None), (None, b"bc")]
