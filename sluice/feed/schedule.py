"""When each card is used, and which uses are fraud.

The time of each card is cut into cells with a phase of its own. A cell holds at most one visit, an ordinary transaction
or one case of fraud, and ends with a pause, so that ordinary traffic never comes near the velocity rule.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from enum import IntEnum
from itertools import cycle

import numpy as np
import numpy.typing as npt

from sluice.feed.errors import FeedError
from sluice.feed.population import COUNTRIES, Population

PAUSE_MS = 10_100  # just over the 10 s of the velocity rule
CELL_MS = 15_000
BURST_MS = (2_000, 9_000)
BURST_SIZES = (5, 6, 7, 8)
BUSIEST_HOUR = 14
HOUR_MS = 3_600_000
DAY_MS = 86_400_000
PAYDAYS = (1, 15, 25, 28)
"""Days of the month; each is that of a quarter of the customers."""
SPENDING_DAYS, SPENDING = 3, 1.6
"""On so many days, the payday being the first, each time at which a card may be used weighs so much more."""


class Scenario(IntEnum):
    none = 0
    high_value = 1
    card_velocity = 2
    both = 3


_CYCLE = (Scenario.card_velocity, Scenario.high_value, Scenario.both, Scenario.high_value, Scenario.high_value)


@dataclass(frozen=True)
class Plan:
    """One element a transaction, by time; `case` numbers the cases of fraud, -1 for none."""

    time_ms: npt.NDArray[np.int64]
    card: npt.NDArray[np.int64]
    scenario: npt.NDArray[np.int64]
    case: npt.NDArray[np.int64]


def _cases(fraudulent: int) -> Iterator[tuple[Scenario, int]]:
    """Cases and their sizes that together have `fraudulent` transactions."""
    sizes = cycle(BURST_SIZES)
    for scenario in cycle(_CYCLE):
        if fraudulent == 0:
            return
        size = 1 if scenario is Scenario.high_value else next(sizes)
        if size > fraudulent:
            scenario, size = Scenario.high_value, 1  # noqa: PLW2901 - what is left is too little for a burst
        fraudulent -= size
        yield scenario, size


def _cells(rng: np.random.Generator, people: Population, visits: int, span: tuple[int, int]) -> tuple[int, Plan]:
    """Choose a cell for each visit: more by day than by night, after payday, and for some cards than for others."""
    start_ms, duration_ms = span
    cards = len(people.customer)
    most = duration_ms // CELL_MS - 1
    if cards * most < visits:
        needed = (-(-visits // cards) + 1) * CELL_MS // 1000
        raise FeedError(
            f"{visits:,} visits of {cards:,} cards in {duration_ms // 1000:,} s would look like fraud; "
            f"take a duration of at least {needed} s, or more cards"
        )
    rows = min(most, 4 + 2 * visits // cards)
    length = duration_ms // (rows + 1)
    begin = rng.integers(0, length, cards)[:, None] + np.arange(rows)[None, :] * length + start_ms
    offset = np.array([each.utc_offset for each in COUNTRIES])[people.home[people.customer]]
    hour = begin / HOUR_MS + offset[:, None]
    daily = 1.1 + np.cos((hour - BUSIEST_HOUR) * (2 * np.pi / 24))
    habit = rng.lognormal(0, 0.5, cards)
    daily *= _after_payday(begin, people.customer)
    # The smallest of exponential draws, divided by the weights: a weighted sample without replacement.
    draw = rng.standard_exponential(begin.shape) / (daily * habit[:, None])
    chosen = np.sort(np.argpartition(draw.ravel(), visits - 1)[:visits])
    nothing = np.zeros(visits, dtype=np.int64)
    return length, Plan(begin.ravel()[chosen], chosen // rows, nothing, nothing - 1)


def _after_payday(begin_ms: npt.NDArray[np.int64], customer: npt.NDArray[np.int64]) -> npt.NDArray[np.float64]:
    """How much more each time weighs because the card's owner has just been paid; a row a card."""
    first, last = (int(edge) // DAY_MS for edge in (begin_ms.min(), begin_ms.max()))
    days = np.arange(first, last + 1).astype("datetime64[D]")
    of_month = (days - days.astype("datetime64[M]")).astype(np.int64) + 1
    since = (of_month[begin_ms // DAY_MS - first] - np.array(PAYDAYS)[customer % len(PAYDAYS)][:, None]) % 31
    return np.where(since < SPENDING_DAYS, SPENDING, 1.0)


def schedule(
    rng: np.random.Generator, people: Population, transactions: int, fraudulent: int, span: tuple[int, int]
) -> Plan:
    """Plan `transactions`, of which `fraudulent` belong to cases of fraud.

    `span` is the start and the duration in milliseconds. Raises FeedError where the cards cannot be used that often.
    """
    cases = list(_cases(fraudulent))
    sizes = np.array([size for _, size in cases], dtype=np.int64)
    visits = transactions - fraudulent + len(cases)
    length, cells = _cells(rng, people, visits, span)
    order = rng.permutation(visits)
    hit, spared = order[: len(cases)], order[len(cases) :]
    ordinary_ms = cells.time_ms[spared] + rng.integers(0, length - PAUSE_MS, len(spared))
    burst_ms = rng.integers(BURST_MS[0], min(BURST_MS[1], length - PAUSE_MS), len(cases))
    within = (rng.random(int(sizes.sum())) * np.repeat(burst_ms, sizes)).astype(np.int64)
    time_ms = np.concatenate([ordinary_ms, np.repeat(cells.time_ms[hit], sizes) + within])
    card = np.concatenate([cells.card[spared], np.repeat(cells.card[hit], sizes)])
    scenario = np.repeat(np.array([scenario for scenario, _ in cases], dtype=np.int64), sizes)
    case = np.repeat(np.arange(len(cases)), sizes)
    by_time = np.argsort(time_ms, kind="stable")
    return Plan(
        time_ms[by_time],
        card[by_time],
        np.concatenate([cells.scenario[spared], scenario])[by_time],
        np.concatenate([cells.case[spared], case])[by_time],
    )
