"""Seeded traffic of the `transactions` contract, with labels: the same arguments give the same bytes."""

from __future__ import annotations

import zlib
from collections.abc import Iterator
from datetime import date, datetime, timedelta
from decimal import Decimal
from heapq import merge
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from contracts import reader
from sluice.feed.customer_events import ordinary
from sluice.feed.errors import FeedError
from sluice.feed.planted import DAY_MS, Message, Stage, begin, end
from sluice.feed.population import CATEGORIES, COUNTRIES, FAVOURITES, OUTLETS_OF_A_MERCHANT, Population, populate
from sluice.feed.scenarios import cases
from sluice.feed.schedule import Plan, Scenario, schedule
from sluice.feed.times import EPOCH, milliseconds

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]

CHUNK = 50_000
DEFAULT_DURATION = timedelta(minutes=10)
ORDINARY_USD = (0.5, 600.0)  # well below the 800 USD of the high-value rule
CARD_TEST_USD = (1.0, 25.0)
HIGH_USD = (900.0, 5_000.0)
FAVOURITE_SHARE = 0.75
SCENARIO_SHARE = 0.5
"""Of the fraudulent transactions; the others are large, fast, or both."""


class Label(NamedTuple):
    """The truth about a transaction; all transactions of one case of fraud have the same `case`."""

    transaction_id: str
    is_fraud: bool
    scenario: str
    case: int | None


class Generated(NamedTuple):
    """A message for the topic `transactions`, or one of `customer_events`; what is no transaction has no label."""

    key: bytes
    value: bytes
    label: Label | None


def _usd_per_minor(currency: str, day: date) -> float:
    entry = reader.currencies()[currency]
    held = [rate for since, rate in sorted(entry["usd_per_unit"].items()) if since <= day]
    if not held:
        raise FeedError(f"no rate of {currency} holds on {day}; start later or add one to contracts/currencies.yaml")
    return float(Decimal(held[-1]).scaleb(-int(entry["decimals"])))


def _log_uniform(draw: Floats, bounds: tuple[float, float]) -> Floats:
    low, high = np.log(bounds)
    return np.asarray(np.exp(low + draw * (high - low)))


class Traffic:
    """`transactions` messages over `cards` cards, ordered by event time from `start` over `duration`.

    `fraud_rate` is the share of transactions that belong to cases of fraud.
    """

    def __init__(
        self,
        transactions: int,
        *,
        cards: int,
        seed: int,
        start: datetime,
        duration: timedelta = DEFAULT_DURATION,
        fraud_rate: float = 0.01,
    ) -> None:
        if start.tzinfo is None:
            raise FeedError(f"start {start.isoformat()} has no time zone; end it with Z for UTC")
        if transactions < 1 or cards < 1 or seed < 0 or not 0 <= fraud_rate <= 1:
            raise FeedError("transactions and cards must be at least 1, seed at least 0, fraud rate from 0 to 1")
        self._rng = np.random.Generator(np.random.PCG64(seed))
        self._people: Population = populate(self._rng, cards, seed)
        self._start_ms = milliseconds(start)
        span = (self._start_ms, duration // timedelta(milliseconds=1))
        fraudulent = round(transactions * fraud_rate)
        of_scenarios = np.random.Generator(np.random.PCG64([seed, 1]))
        played = list(cases(of_scenarios, round(fraudulent * SCENARIO_SHARE), span))
        others = transactions - sum(len(each.uses) for each in played)
        fraudulent -= sum(use.is_fraud for each in played for use in each.uses)
        self._plan: Plan = schedule(self._rng, self._people, others, fraudulent, span)
        self._state = self._rng.bit_generator.state
        # The same seed at another time is other traffic of the same people, so its ids differ.
        self._prefix = f"{zlib.crc32(f'{transactions} {cards} {seed} {span} {fraud_rate}'.encode()):08x}-"
        self._rates = self._usd_per_minor_by_day(span)
        people = len(self._people.customer), int(self._people.customer[-1]) + 1
        stage = Stage(of_scenarios, *people, seed, self._start_ms, self._rates)
        customers = np.unique(self._people.customer)
        by_themselves = ordinary(np.random.Generator(np.random.PCG64([seed, 2])), customers, span)
        self._events = sorted([*stage.events(played), *by_themselves], key=lambda each: (each.time_ms, each.customer))
        self._played = stage.play(played, int(self._plan.case.max()) + 1)
        self._cards_of_scenarios = np.concatenate([np.empty(0, np.int64), *stage.cards(played)])

    def __len__(self) -> int:
        return len(self._plan.time_ms) + len(self._played)

    @property
    def planted_cards(self) -> tuple[str, ...]:
        """Every card number that the traffic may use, for the search for leaks."""
        return tuple(map(str, [*self._people.card_numbers.tolist(), *self._cards_of_scenarios.tolist()]))

    def _usd_per_minor_by_day(self, span: tuple[int, int]) -> Floats:
        """US dollars for one minor unit, by day since the start and by country."""
        first = (EPOCH + timedelta(milliseconds=self._start_ms)).date()
        days = sum(span) // DAY_MS - self._start_ms // DAY_MS + 1
        return np.array(
            [[_usd_per_minor(at.currency, first + timedelta(days=n)) for at in COUNTRIES] for n in range(days)]
        )

    def _places(self, customer: Ints, fraud: npt.NDArray[np.bool_]) -> Ints:
        """The outlet of each transaction: mostly a favourite; on a journey or in a case of fraud, anywhere."""
        people, rng, size = self._people, self._rng, len(customer)
        usual = people.favourites[customer, rng.integers(0, FAVOURITES, size)]
        returns = (rng.random(size) < FAVOURITE_SHARE) & (people.home[customer] == people.whereabouts[customer])
        country = np.where(fraud, rng.integers(0, len(COUNTRIES), size), people.whereabouts[customer])
        other = people.outlets.anywhere_in(country, rng.random(size))
        return np.where(returns & ~fraud, usual, other)

    def _amounts(self, outlet: Ints, scenario: Ints, day: Ints) -> Ints:
        """Minor units of the outlet's currency."""
        country, category = self._people.outlets.country[outlet], self._people.outlets.category[outlet]
        median = np.array([each.median_usd for each in CATEGORIES])[category]
        spread = np.array([each.spread for each in CATEGORIES])[category]
        usd = np.clip(median * np.exp(spread * self._rng.standard_normal(len(outlet))), *ORDINARY_USD)
        draw = self._rng.random(len(outlet))
        usd = np.where(scenario == Scenario.card_velocity, _log_uniform(draw, CARD_TEST_USD), usd)
        high = (scenario == Scenario.high_value) | (scenario == Scenario.both)
        usd = np.where(high, _log_uniform(draw, HIGH_USD), usd)
        minor = np.maximum(usd / self._rates[day, country], 1).astype(np.int64)
        banknote = np.array([each.banknote for each in COUNTRIES])[country]
        cash = np.array([each.channel == "atm" for each in CATEGORIES])[category] & (scenario == Scenario.none)
        return np.where(cash, np.maximum(minor // banknote, 1) * banknote, minor)

    def _outlet_texts(self) -> list[tuple[str, bool]]:
        """The end of a message at each outlet, up to the device, and whether it is online."""
        texts = []
        places = zip(self._people.outlets.country.tolist(), self._people.outlets.category.tolist(), strict=True)
        for number, (country, category) in enumerate(places):
            at, kind = COUNTRIES[country], CATEGORIES[category]
            online = kind.channel == "online"
            merchant, terminal = f"m{number // OUTLETS_OF_A_MERCHANT:06d}", f"{kind.channel}-{number:06d}"
            text = end(at.currency, merchant, kind.code, terminal, at.code, kind.channel)
            texts.append((text if online else f"{text}null}}", online))
        return texts

    def _ordinary(self) -> Iterator[Message]:
        """All messages but those of scenarios, from the first, each time."""
        self._rng.bit_generator.state = self._state
        outlet_texts = self._outlet_texts()
        customers = [f"c{number:07d}" for number in self._people.customer.tolist()]
        begins = list(map(begin, customers, self._people.card_numbers.tolist()))
        names = [each.name for each in Scenario]
        for first in range(0, len(self._plan.time_ms), CHUNK):
            part = slice(first, first + CHUNK)
            time_ms, card, scenario = self._plan.time_ms[part], self._plan.card[part], self._plan.scenario[part]
            outlet = self._places(self._people.customer[card], scenario != Scenario.none)
            day = time_ms // DAY_MS - self._start_ms // DAY_MS
            amount = self._amounts(outlet, scenario, day)
            columns = zip(
                time_ms.tolist(),
                np.datetime_as_string(time_ms.astype("datetime64[ms]")).tolist(),
                card.tolist(),
                outlet.tolist(),
                amount.tolist(),
                scenario.tolist(),
                self._plan.case[part].tolist(),
                strict=True,
            )
            for at_ms, time, of, place, minor, kind, case in columns:
                text, online = outlet_texts[place]
                numbered = case if kind else None
                yield Message(at_ms, time, customers[of], begins[of], minor, text, online, names[kind], numbered)

    def customer_events(self) -> Iterator[Generated]:
        """What the customers do besides, for the topic of that name, by time."""
        for number, each in enumerate(self._events):
            yield Generated(each.customer.encode(), each.message(f"{self._prefix}e{number:06d}"), None)

    def __iter__(self) -> Iterator[Generated]:
        """All transactions, from the first, each time."""
        keys: dict[str, bytes] = {}
        messages = merge(self._ordinary(), self._played, key=lambda each: each.time_ms)
        for number, each in enumerate(messages):
            transaction_id = f"{self._prefix}{number:09d}"
            device = f'"d-{each.customer}-{1 + number % 2}"}}' if each.online else ""
            value = (
                f'{{"transaction_id":"{transaction_id}","event_time":"{each.time}Z",'
                f"{each.begin}{each.minor}{each.end}{device}"
            )
            label = Label(transaction_id, each.case is not None, each.scenario, each.case)
            key = keys.setdefault(each.customer, each.customer.encode())
            yield Generated(key, value.encode(), label)
