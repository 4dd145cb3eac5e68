"""How far countries are apart, against distances that are known."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contracts import reader
from udfs.patterns.travel import great_circle_km, least_km, least_ms

CODES = st.sampled_from(sorted(reader.countries()))
NEIGHBOURS = {
    "AR": "BR CL",
    "AT": "CH CZ DE HU IT",
    "BE": "DE FR LU NL",
    "BG": "GR RO TR",
    "CN": "HK IN RU VN",
    "CO": "BR PE",
    "CZ": "DE PL",
    "DE": "CH DK FR LU NL PL",
    "ES": "FR MA PT",
    "FR": "CH GB IT LU",
    "IT": "CH",
    "MY": "ID SG TH",
    "NO": "FI RU SE",
    "RU": "FI PL UA US",
    "SA": "AE KW",
    "SE": "DK FI",
    "UA": "HU PL RO",
    "US": "CA MX",
}


def test_neighbours_touch() -> None:
    pairs = [(one, other) for one, others in NEIGHBOURS.items() for other in others.split()]
    assert [pair for pair in pairs if least_km(*pair) > 0] == []


@pytest.mark.parametrize(
    ("one", "other", "shortest"),
    # Great circles between the cities that are nearest to each other, as the airports' coordinates give them.
    [
        ("GB", "US", 4_600),  # Belfast to Bangor, Maine
        ("DE", "US", 5_400),  # Bremen to Bangor
        ("BR", "GB", 6_500),  # Fortaleza to Exeter
        ("JP", "US", 2_500),  # Nemuro to Shemya
        ("AU", "NZ", 1_500),  # Cape Howe to Milford Sound
        ("CH", "GB", 500),  # Basel to Dover
        ("KW", "DE", 3_600),  # Al Jahra to Passau
        ("ES", "IE", 850),  # A Coruña to Cork
    ],
)
def test_no_country_is_said_to_be_further_away_than_it_is(one: str, other: str, shortest: float) -> None:
    assert shortest * 0.4 < least_km(one, other) <= shortest


def test_a_degree_of_the_equator_is_111_km() -> None:
    assert great_circle_km((0, 0), (0, 1)) == pytest.approx(111.19, abs=0.01)
    assert great_circle_km((0, 0), (0, 180)) == pytest.approx(20_015, abs=1)


@given(CODES, CODES)
def test_there_and_back_are_as_long_and_less_than_half_the_world(one: str, other: str) -> None:
    assert least_km(one, other) == pytest.approx(least_km(other, one))
    assert 0 <= least_ms(one, other) < 20 * 3_600_000


def test_nobody_is_stopped_for_a_country_that_is_not_known() -> None:
    assert least_ms("US", "XX") == 0
