"""What the patterns must find in a log's decisions, by definition: look at every stretch of a card's transactions."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from itertools import pairwise, product
from math import acos, cos, radians, sin
from typing import NamedTuple, TypeVar

import yaml

from tests.oracle.answer import Decision
from tests.oracle.facts import ROOT
from tests.oracle.validation import EPOCH

_Done = TypeVar("_Done")
MINUTE, HOUR, DAY = 60_000, 3_600_000, 86_400_000
_COUNTRIES = yaml.safe_load((ROOT / "contracts" / "countries.yaml").read_text(encoding="utf-8"))


class Use(NamedTuple):
    """One decided transaction."""

    at: tuple[int, int]
    ms: int
    usd: int
    country: str
    channel: str
    outcome: str = "approve"
    card: str = "a"


class Act(NamedTuple):
    """An event of a customer, by its id."""

    id: str
    ms: int
    kind: str
    customer: str = "a"


Place = tuple[int, int] | str
Match = tuple[Place, ...]
"""What belongs to it: partition and offset of each transaction and the id of each event."""


def card_testing(uses: Sequence[Use]) -> Iterator[Match]:
    """Three or more of up to 2.00, then one over 100.00, within ten minutes, with at most 30 others in between."""
    begin = 0
    for end, last in enumerate(uses):
        if last.usd <= 100_00:
            continue
        for first in range(begin, end):
            stretch = uses[first:end]
            latest = stretch[0].ms + 10 * MINUTE
            small = [each for each in stretch if each.usd <= 2_00]
            in_time = all(each.ms <= latest for each in (*stretch, last))
            if stretch[0].usd <= 2_00 and len(small) >= 3 and len(stretch) <= 31 and in_time:
                yield _places(uses[first : end + 1])
                begin = end + 1
                break


def cash_out(uses: Sequence[Use]) -> Iterator[Match]:
    """Three or more withdrawals in turn, each larger than the one before, that come to 1,000.00 within 30 minutes."""
    withdrawals = [each for each in uses if each.channel == "atm"]
    begin = 0
    for end in range(len(withdrawals)):
        for first in range(begin, end - 1):
            stretch = withdrawals[first : end + 1]
            rising = all(one.usd < other.usd for one, other in pairwise(stretch))
            in_time = all(each.ms <= stretch[0].ms + 30 * MINUTE for each in stretch)
            if rising and in_time and len(stretch) <= 32 and sum(each.usd for each in stretch) >= 1_000_00:
                yield _places(stretch)
                begin = end + 1
                break


def impossible_travel(uses: Sequence[Use]) -> Iterator[Match]:
    """Two uses in turn at tills or cash machines, the first approved, in countries too far apart for 1,000 km/h."""
    for here, there in pairwise(each for each in uses if each.channel in {"pos", "atm"}):
        between = abs(there.ms - here.ms)
        if (
            here.outcome == "approve"
            and between <= DAY
            and between < int(_least_km(here.country, there.country) / 1_000 * HOUR)
        ):
            yield _places((here, there))


def terminal_attack(uses: Sequence[Use]) -> Iterator[Match]:
    """Of a terminal's uses by cards that were not there within a minute, ten in turn, of different cards, within one.

    A use that is more than a minute from the first of them, before or after, breaks the turn.
    """
    latest: dict[str, int] = {}
    newcomers = []
    for each in uses:
        if each.card not in latest or abs(each.ms - latest[each.card]) > MINUTE:
            newcomers.append(each)
        latest[each.card] = each.ms
    begin = 0
    while begin + 10 <= len(newcomers):
        stretch = newcomers[begin : begin + 10]
        times = [each.ms for each in stretch]
        if all(abs(each - times[0]) <= MINUTE for each in times):
            if len({each.card for each in stretch}) == 10 and max(times) - min(times) <= MINUTE:
                yield _places(stretch)
            begin += 10
        else:
            begin += 1


def account_takeover(done: Sequence[Use | Act]) -> Iterator[Match]:
    """A device added, then the profile changed, then a transfer of over 100.00, within 24 hours, arriving in any order.

    Told when the last of them arrives, of all transfers of which that was not known before, by event time. What arrived
    before the latest 30 is forgotten; of several devices and changes the latest before the transfer are told.
    """
    first: dict[Place, Use | Act] = {}
    for each in done:
        first.setdefault(each[0], each)
    counted = [each for each in first.values() if _leads_to_a_takeover(each)]
    known: set[int] = set()
    for end in range(1, len(counted) + 1):
        now = _takeovers(counted, range(max(end - 30, 0), end))
        told = {place for transfer in now.keys() - known for place in (*now[transfer], transfer)}
        if told:
            yield _places([counted[each] for each in sorted(told, key=lambda each: (counted[each].ms, each))])
        known = set(now)


def _leads_to_a_takeover(each: Use | Act) -> bool:
    if isinstance(each, Act):
        return each.kind in {"device_added", "profile_changed"}
    return each.channel == "transfer" and each.usd > 100_00


def _takeovers(done: Sequence[Use | Act], places: range) -> dict[int, tuple[int, int]]:
    """Where each transfer is that is one, and the latest device and change before it."""
    by_kind: dict[str, list[int]] = defaultdict(list)
    for place in places:
        each = done[place]
        by_kind[each.kind if isinstance(each, Act) else "transfer"].append(place)
    chains = product(by_kind["device_added"], by_kind["profile_changed"], by_kind["transfer"])
    found: dict[int, tuple[int, int]] = {}
    for device, change, transfer in sorted(chains, key=lambda chain: [(done[each].ms, each) for each in chain[1::-1]]):
        if done[device].ms <= done[change].ms <= done[transfer].ms <= done[device].ms + DAY:
            found[transfer] = device, change
    return found


def _least_km(one: str, other: str) -> float:
    """Between the circles of two countries, by the spherical law of cosines."""
    if one == other:
        return 0.0
    gaps = [0.0]
    for (lat, lon, radius), (its_lat, its_lon, its_radius) in product(
        _COUNTRIES.get(one, []), _COUNTRIES.get(other, [])
    ):
        north, its_north = radians(lat), radians(its_lat)
        cosine = sin(north) * sin(its_north) + cos(north) * cos(its_north) * cos(radians(its_lon - lon))
        gaps.append(6_371.0 * acos(max(-1.0, min(1.0, cosine))) - radius - its_radius)
    return max(0.0, min(gaps[1:], default=0.0))


def _places(done: Sequence[Use | Act]) -> Match:
    return tuple(each[0] for each in done)


Find = Callable[[Sequence[Use]], Iterator[Match]]
OF_CARDS: dict[str, Find] = {
    "card_testing": card_testing,
    "cash_out": cash_out,
    "impossible_travel": impossible_travel,
}
OF_TERMINALS: dict[str, Find] = {"terminal_attack": terminal_attack}
OF_CUSTOMERS = {"account_takeover": account_takeover}
PATTERNS = {*OF_CARDS, *OF_TERMINALS, *OF_CUSTOMERS}


def matches(
    decisions: Sequence[Decision],
    at_terminals: Sequence[tuple[int, int]] | None = None,
    by_customers: Sequence[tuple[int, int] | Act] = (),
) -> set[tuple[str, Match]]:
    """Every match of every pattern, by its name; a card's decisions stand in the order of their arrival.

    `at_terminals` is in which order their transactions came to the terminals, where it is not that of `decisions`;
    `by_customers` in which order the customers' transfers and events came.
    """
    cards: dict[str, list[Use]] = defaultdict(list)
    terminals: dict[str, list[Use]] = defaultdict(list)
    customers: dict[str, list[Use | Act]] = defaultdict(list)
    owners: dict[tuple[int, int], str] = {}
    uses: dict[tuple[int, int], tuple[str, Use]] = {}
    for each in decisions:
        body = each.transaction
        ms = (datetime.fromisoformat(body["event_time"]) - EPOCH) // timedelta(milliseconds=1)
        seen = (each.amount_usd_minor, body["country"], body["channel"], each.outcome, body["card_number"])
        uses[each.at] = body["terminal_id"], Use(each.at, ms, *seen)
        cards[body["card_number"]].append(uses[each.at][1])
        owners[each.at] = body["customer_id"]
    for at in uses if at_terminals is None else at_terminals:
        terminal, use = uses[at]
        if use.channel in {"pos", "atm"}:
            terminals[terminal].append(use)
    for done in by_customers:
        owner, what = (done.customer, done) if isinstance(done, Act) else (owners[done], uses[done][1])
        customers[owner].append(what)
    return {*_found(OF_CARDS, cards), *_found(OF_TERMINALS, terminals), *_found(OF_CUSTOMERS, customers)}


def _found(
    patterns: Mapping[str, Callable[[Sequence[_Done]], Iterator[Match]]], places: Mapping[str, Sequence[_Done]]
) -> Iterator[tuple[str, Match]]:
    for name, find in patterns.items():
        for done in places.values():
            for found in find(done):
                yield name, found
