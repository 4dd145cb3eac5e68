"""Scenarios of fraud as messages, of cards and shops that nobody else uses."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import cache
from itertools import count, pairwise
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from sluice.feed.cards import issue_cards
from sluice.feed.customer_events import Event
from sluice.feed.population import COUNTRIES
from sluice.feed.scenarios import FAR, Case, Use
from udfs.patterns.travel import least_km

DAY_MS = 86_400_000


class Message(NamedTuple):
    """A transaction without its id. `begin` and `end` are JSON around the amount; where it is online, `end` lacks the
    device."""

    time_ms: int
    time: str
    customer: str
    begin: str
    minor: int
    end: str
    online: bool
    scenario: str
    case: int | None


def begin(customer: str, card_number: int) -> str:
    """The JSON of a transaction from its customer to the name of its amount."""
    return f'"customer_id":"{customer}","card_number":"{card_number}","amount_minor":'


def end(currency: str, merchant: str, category: str, terminal: str, country: str, channel: str) -> str:
    """The JSON of a transaction behind its amount, up to the device's value."""
    return (
        f',"currency":"{currency}","merchant_id":"{merchant}","merchant_category":"{category}"'
        f',"terminal_id":"{terminal}","country":"{country}","channel":"{channel}","device_id":'
    )


class Stage:
    """Where cases are played: on cards from number `first_card` on, of customers from `first_customer` on.

    `rates` are US dollars for one minor unit, by day since `start_ms` and by country.
    """

    def __init__(
        self,
        rng: np.random.Generator,
        first_card: int,
        first_customer: int,
        salt: int,
        start_ms: int,
        rates: npt.NDArray[np.float64],
    ) -> None:
        self._rng, self._first_card, self._first_customer, self._salt = rng, first_card, first_customer, salt
        self._first_day, self._rates = start_ms // DAY_MS, rates

    def cards(self, cases: Iterable[Case]) -> list[npt.NDArray[np.int64]]:
        """The card numbers of each case."""
        ends = np.cumsum([self._first_card, *(each.cards for each in cases)])
        ranges = (np.arange(begin, end, dtype=np.int64) for begin, end in pairwise(ends))
        return [issue_cards(numbers, salt=self._salt) for numbers in ranges]

    def play(self, cases: Iterable[Case], first_case: int) -> list[Message]:
        """The messages of all cases, numbered from `first_case` on, by time."""
        played = list(cases)
        weights = np.array([each.weight for each in COUNTRIES], dtype=np.float64)
        homes = self._rng.choice(len(COUNTRIES), len(played), p=weights / weights.sum()).tolist()
        found: list[Message] = []
        persons = zip(self._owners(played), self.cards(played), strict=True)
        for number, (case, home, (names, cards)) in enumerate(zip(played, homes, persons, strict=True)):
            owners = list(zip(names, cards.tolist(), strict=True))
            found += self._messages(case, first_case + number, home, owners)
        return sorted(found, key=lambda each: each.time_ms)

    def events(self, cases: Iterable[Case]) -> Iterator[Event]:
        """What the owners are said to have done besides paying."""
        played = list(cases)
        for case, owners in zip(played, self._owners(played), strict=True):
            for use in case.uses:
                for act in use.acts:
                    yield Event(case.start_ms + act.after_ms, owners[use.card], act.kind, act.changed_field)

    def _owners(self, cases: Iterable[Case]) -> Iterator[list[str]]:
        """The customer of each card of each case."""
        numbers = count(self._first_customer)
        return ([f"c{next(numbers):07d}" for _ in range(each.cards)] for each in cases)

    def _messages(self, case: Case, number: int, home: int, owners: list[tuple[str, int]]) -> Iterator[Message]:
        for use in case.uses:
            customer, card = owners[use.card]
            time_ms = case.start_ms + use.after_ms
            country = _farthest(home) if use.country == FAR else (home + use.country) % len(COUNTRIES)
            minor = max(int(use.usd / self._rates[time_ms // DAY_MS - self._first_day, country]), 1)
            time = str(np.datetime64(time_ms, "ms"))
            name = case.scenario if use.is_fraud else "none"
            online = use.channel == "online"
            last = _end(use, country, number)
            first = begin(customer, card)
            yield Message(time_ms, time, customer, first, minor, last, online, name, number if use.is_fraud else None)


@cache
def _farthest(home: int) -> int:
    """The number of the country that is farthest from that of number `home`."""
    return max(range(len(COUNTRIES)), key=lambda other: least_km(COUNTRIES[home].code, COUNTRIES[other].code))


def _end(use: Use, country: int, case: int) -> str:
    at, shop = COUNTRIES[country], f"{case:06d}-{use.shop}"
    text = end(at.currency, f"s{shop}", use.category, f"{use.channel}-s{shop}", at.code, use.channel)
    if use.channel == "online":
        return text
    return text + ("null}" if use.entry_mode is None else f'null,"entry_mode":"{use.entry_mode}"}}')
