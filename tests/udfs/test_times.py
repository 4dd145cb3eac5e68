from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from udfs.times import INVALID, all_canonical, iso_ms, parse_all_ms, parse_ms

MOMENTS = st.datetimes(datetime(1900, 1, 1), datetime(2200, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001 - bounds


def epoch_ms(moment: datetime) -> int:
    return (
        int(moment.timestamp()) if moment.microsecond == 0 else int(moment.replace(microsecond=0).timestamp())
    ) * 1000


@given(MOMENTS, st.integers(0, 999))
def test_text_and_number_are_the_same_moment(moment: datetime, fraction: int) -> None:
    number = epoch_ms(moment) + fraction
    assert parse_ms(iso_ms(number)) == number
    assert iso_ms(number).endswith(f".{fraction:03d}Z")


@given(
    st.lists(
        st.one_of(
            MOMENTS.map(lambda each: iso_ms(epoch_ms(each))),
            st.from_regex(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}(\.[0-9]{1,3})?Z"),
            st.text(max_size=24),
        ),
        max_size=8,
    )
)
def test_a_batch_is_read_like_each_of_its_texts(texts: list[str]) -> None:
    found = [None if each == INVALID else each for each in parse_all_ms(texts).tolist()]
    assert found == [parse_ms(text) for text in texts]


@pytest.mark.parametrize(
    "text",
    [
        "2026-02-30T00:00:00Z",
        "2026-01-01T24:00:00.000Z",
        "2026-01-01T00:00:60.000Z",
        "2026-01-01 00:00:00Z",
        "2026-01-01T00:00:00",
        "2026-01-01T00:00:00+00:00",
        "2026-01-01T00:00:00.0000Z",
        "٢٠٢٦-01-01T00:00:00.000Z",
        "",
    ],
)
def test_what_is_no_utc_time_is_refused(text: str) -> None:
    assert parse_ms(text) is None
    assert parse_all_ms([text]).tolist() == [INVALID]


def test_short_fractions_get_three_decimals() -> None:
    text = "2026-01-01T00:00:00.5Z"
    moment = parse_ms(text)
    assert moment is not None
    good = "2026-01-01T00:00:00.500Z"
    assert list(all_canonical([text, good], [moment, moment])) == [good, good]
    assert list(all_canonical([good], [moment])) == [good]
