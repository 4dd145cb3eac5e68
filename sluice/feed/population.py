"""Who pays where: countries, merchants with their outlets, customers with their cards and habits."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from sluice.feed.cards import issue_cards

Ints = npt.NDArray[np.int64]

FAVOURITES = 8
SECOND_CARD_SHARE = 0.25
TRAVELLING_SHARE = 0.04
OUTLETS_OF_A_COUNTRY = 60
CARDS_PER_OUTLET = 5
OUTLETS_OF_A_MERCHANT = 3


class Country(NamedTuple):
    code: str
    currency: str
    weight: int
    utc_offset: int  # hours
    banknote: int  # minor units; cash machines pay multiples of it


class Category(NamedTuple):
    """Amounts are log-normal: `median_usd`, and `spread` of the logarithm."""

    code: str
    channel: str
    weight: int
    median_usd: float
    spread: float


COUNTRIES = (
    Country("US", "USD", 30, -6, 2_000),
    Country("DE", "EUR", 14, 1, 1_000),
    Country("GB", "GBP", 12, 0, 1_000),
    Country("FR", "EUR", 10, 1, 1_000),
    Country("BR", "BRL", 9, -3, 2_000),
    Country("JP", "JPY", 9, 9, 1_000),
    Country("CA", "CAD", 7, -5, 2_000),
    Country("CH", "CHF", 5, 1, 1_000),
    Country("KW", "KWD", 4, 3, 5_000),
)

CATEGORIES = (
    Category("5411", "pos", 24, 38, 0.6),  # groceries
    Category("5812", "pos", 12, 28, 0.6),  # restaurants
    Category("5814", "pos", 10, 11, 0.4),  # fast food
    Category("5541", "pos", 8, 42, 0.4),  # fuel
    Category("4111", "pos", 8, 4, 0.5),  # local transport
    Category("5912", "pos", 6, 18, 0.6),  # pharmacies
    Category("5651", "pos", 5, 60, 0.7),  # clothing
    Category("5732", "pos", 3, 120, 0.8),  # electronics
    Category("7011", "pos", 2, 150, 0.5),  # hotels
    Category("5942", "online", 7, 24, 0.6),  # books
    Category("5815", "online", 5, 9, 0.5),  # digital goods
    Category("4899", "online", 3, 13, 0.2),  # streaming
    Category("4511", "online", 1, 220, 0.5),  # airlines
    Category("6011", "atm", 4, 100, 0.5),  # cash
    Category("4829", "transfer", 2, 90, 0.7),  # money transfer
)


@dataclass(frozen=True)
class Outlets:
    """Places to pay, ordered by country; those of country `c` are `first[c]` to `first[c] + count[c] - 1`."""

    country: Ints
    category: Ints
    first: Ints
    count: Ints

    def anywhere_in(self, country: Ints, draw: npt.NDArray[np.float64]) -> Ints:
        """An outlet in each `country`, chosen by `draw` from [0, 1)."""
        return self.first[country] + (draw * self.count[country]).astype(np.int64)


@dataclass(frozen=True)
class Population:
    """`customer` is indexed by card; `home`, `whereabouts` and `favourites` by customer."""

    outlets: Outlets
    card_numbers: Ints
    customer: Ints
    home: Ints
    whereabouts: Ints
    favourites: Ints


def _shares(weights: list[int]) -> npt.NDArray[np.float64]:
    return np.array(weights, dtype=np.float64) / sum(weights)


def _outlets(rng: np.random.Generator, cards: int) -> Outlets:
    shares = _shares([each.weight for each in COUNTRIES])
    count = OUTLETS_OF_A_COUNTRY + (shares * cards / CARDS_PER_OUTLET).astype(np.int64)
    country = np.repeat(np.arange(len(COUNTRIES)), count)
    # The outlets of one merchant are of one category.
    category = rng.choice(len(CATEGORIES), len(country), p=_shares([each.weight for each in CATEGORIES]))
    category = category[np.arange(len(country)) // OUTLETS_OF_A_MERCHANT * OUTLETS_OF_A_MERCHANT]
    return Outlets(country, category, np.cumsum(count) - count, count)


def populate(rng: np.random.Generator, cards: int, seed: int) -> Population:
    """Customers with one or two cards, most at home and a few abroad, each with places they return to."""
    outlets = _outlets(rng, cards)
    second = rng.random(cards) < SECOND_CARD_SHARE
    second[1:] &= ~second[:-1]
    second[0] = False
    customer = np.cumsum(~second) - 1
    customers = int(customer[-1]) + 1
    home = rng.choice(len(COUNTRIES), customers, p=_shares([each.weight for each in COUNTRIES]))
    abroad = (home + rng.integers(1, len(COUNTRIES), customers)) % len(COUNTRIES)
    whereabouts = np.where(rng.random(customers) < TRAVELLING_SHARE, abroad, home)
    favourites = outlets.anywhere_in(home[:, None], rng.random((customers, FAVOURITES)))
    numbers = issue_cards(np.arange(cards, dtype=np.int64), salt=seed)
    return Population(outlets, numbers, customer, home, whereabouts, favourites)
