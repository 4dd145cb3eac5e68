"""How soon one can be in another country."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import product
from math import asin, cos, radians, sin, sqrt

from contracts import reader

EARTH_RADIUS_KM = 6_371.0
"""Mean radius (IUGG)."""
FASTEST_KM_H = 1_000
"""Airliners cruise at 840 to 920 km/h, over the ground faster in a jet stream; the ways to and from one are free."""

_HOUR_MS = 3_600_000


def great_circle_km(one: Sequence[float], other: Sequence[float]) -> float:
    """Between two points of latitude and longitude in degrees, on a sphere (haversine formula)."""
    (latitude, longitude), (its_latitude, its_longitude) = map(radians, one[:2]), map(radians, other[:2])
    north, east = its_latitude - latitude, its_longitude - longitude
    chord = sin(north / 2) ** 2 + cos(latitude) * cos(its_latitude) * sin(east / 2) ** 2
    return 2 * EARTH_RADIUS_KM * asin(min(1.0, sqrt(chord)))


def least_km(one: str, other: str) -> float:
    """How far two countries are apart at the least; 0 for neighbours, and where one is not known."""
    known = reader.countries()
    if one == other or one not in known or other not in known:
        return 0.0
    gaps = (great_circle_km(here, there) - here[2] - there[2] for here, there in product(known[one], known[other]))
    return max(0.0, min(gaps))


def least_ms(one: str, other: str) -> int:
    """How long the fastest journey between two countries takes at the least, in milliseconds."""
    return int(least_km(one, other) / FASTEST_KM_H * _HOUR_MS)
