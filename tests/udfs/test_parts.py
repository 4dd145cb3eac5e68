from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from tests.udfs.split import split
from udfs.parts import packed, sliced

ROWS = st.integers(1, 4).flatmap(lambda count: st.lists(st.tuples(*[st.binary(max_size=9)] * count), min_size=1))


@given(ROWS)
def test_each_part_is_found_where_its_record_says(rows: list[tuple[bytes, ...]]) -> None:
    names = [str(number) for number in range(len(rows[0]))]
    records = packed(*map(list, zip(*rows, strict=True))).to_pylist()
    found = [tuple(part or b"" for part in split(each, names).values()) for each in records]
    assert found == rows


def test_no_rows_make_an_empty_column() -> None:
    assert packed([], []).to_pylist() == []


def test_pieces_are_of_one_size() -> None:
    assert sliced(b"abcdef", 3) == [b"abc", b"def"]
