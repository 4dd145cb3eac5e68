"""A scenario of fraud for each rule and pattern: what a card does that the one of the same name must find.

Each is played on cards of its own, at shops of its own. Amounts keep further from the rules' limits than the rounding
of currencies reaches.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from itertools import cycle
from types import MappingProxyType

import numpy as np

Random = np.random.Generator

_SECOND, _MINUTE = 1_000, 60_000
FAR = -1


@dataclass(frozen=True)
class Act:
    """What the customer is said to have done besides paying, `after_ms` from the case's beginning."""

    after_ms: int
    kind: str
    changed_field: str | None = None


@dataclass(frozen=True)
class Use:
    """One transaction, `after_ms` from the case's beginning, worth `usd` dollars.

    `country` counts from the case's home, FAR is the farthest from it; `shop` and `card` tell the case's shops and
    cards apart. What is no fraud is the owner's. `acts` lead to it.
    """

    after_ms: int
    usd: float
    category: str = "5411"
    channel: str = "pos"
    country: int = 0
    shop: int = 0
    card: int = 0
    entry_mode: str | None = None
    is_fraud: bool = True
    acts: tuple[Act, ...] = ()


def _times(rng: Random, count: int, pause_ms: tuple[int, int]) -> list[int]:
    return [0, *np.cumsum(rng.integers(*pause_ms, count - 1)).tolist()]


def _busy_day(rng: Random) -> list[Use]:
    return [Use(at, rng.uniform(4, 40), shop=number % 9) for number, at in enumerate(_times(rng, 45, (4_000, 9_000)))]


def _small_amounts(rng: Random) -> list[Use]:
    times = _times(rng, int(rng.integers(7, 10)), (11 * _SECOND, 40 * _SECOND))
    return [Use(at, rng.uniform(0.5, 1.8), "5815", "online", shop=number) for number, at in enumerate(times)]


def _spending_spike(rng: Random) -> list[Use]:
    times = _times(rng, 13, (20 * _SECOND, 60 * _SECOND))
    own = [Use(at, rng.uniform(10, 30), is_fraud=False) for at in times[:-1]]
    return [*own, Use(times[-1], rng.uniform(620, 760), "5732", shop=1)]


def _first_use_online(rng: Random) -> list[Use]:
    return [Use(0, rng.uniform(600, 780), "5732", "online")]


def _remote_low_value_series(rng: Random) -> list[Use]:
    times = _times(rng, 13, (11 * _SECOND, 20 * _SECOND))
    return [Use(at, rng.uniform(12, 33), "5815", "online", shop=number % 4) for number, at in enumerate(times)]


def _contactless_series(rng: Random) -> list[Use]:
    times = _times(rng, 6, (20 * _SECOND, 60 * _SECOND))
    return [Use(at, rng.uniform(42, 55), shop=number, entry_mode="contactless") for number, at in enumerate(times)]


def _magstripe_cash(rng: Random) -> list[Use]:
    return [Use(0, rng.uniform(250, 500), "6011", "atm", country=int(rng.integers(1, 5)), entry_mode="magstripe")]


def _three_countries(rng: Random) -> list[Use]:
    times = _times(rng, 3, (2 * _MINUTE, 6 * _MINUTE))
    return [Use(at, rng.uniform(20, 90), country=number, shop=number) for number, at in enumerate(times)]


def _many_terminals(rng: Random) -> list[Use]:
    times = _times(rng, 5, (11 * _SECOND, 14 * _SECOND))
    return [Use(at, rng.uniform(20, 90), shop=number) for number, at in enumerate(times)]


def _cash_report(rng: Random) -> list[Use]:
    times = _times(rng, 5, (_MINUTE, 3 * _MINUTE))
    return [Use(at, rng.uniform(2_200, 2_600), "6011", "atm", shop=number) for number, at in enumerate(times)]


def _transfer_record(rng: Random) -> list[Use]:
    return [Use(0, rng.uniform(3_200, 6_000), "4829", "transfer")]


def _gambling_due_diligence(rng: Random) -> list[Use]:
    times = _times(rng, 6, (_MINUTE, 3 * _MINUTE))
    return [Use(at, rng.uniform(560, 700), "7995", "online") for at in times]


def _quasi_cash(rng: Random) -> list[Use]:
    times = _times(rng, 3, (_MINUTE, 3 * _MINUTE))
    return [Use(at, rng.uniform(400, 560), "6051", "online") for at in times]


def _card_testing(rng: Random) -> list[Use]:
    times = _times(rng, 5, (20 * _SECOND, 60 * _SECOND))
    tried = [Use(at, rng.uniform(0.5, 1.8), "5815", "online", shop=number) for number, at in enumerate(times[:-1])]
    return [*tried, Use(times[-1], rng.uniform(150, 400), "5732", "online", shop=9)]


def _cash_out(rng: Random) -> list[Use]:
    times = _times(rng, 4, (_MINUTE, 3 * _MINUTE))
    return [
        Use(at, 150 + 110 * number + rng.uniform(0, 60), "6011", "atm", shop=number) for number, at in enumerate(times)
    ]


def _impossible_travel(rng: Random) -> list[Use]:
    own, copied = _times(rng, 2, (2 * _MINUTE, 4 * _MINUTE))
    return [Use(own, rng.uniform(10, 60), is_fraud=False), Use(copied, rng.uniform(20, 90), country=FAR, shop=1)]


def _terminal_attack(rng: Random) -> list[Use]:
    times = _times(rng, 12, (2 * _SECOND, 4 * _SECOND))
    return [Use(at, rng.uniform(20, 60), card=number) for number, at in enumerate(times)]


def _account_takeover(rng: Random) -> list[Use]:
    device, change, transfer = _times(rng, 3, (_MINUTE, 4 * _MINUTE))
    acts = Act(device, "device_added"), Act(change, "profile_changed", str(rng.choice(["email", "phone"])))
    return [Use(transfer, rng.uniform(300, 700), "4829", "transfer", acts=acts)]


SCENARIOS: Mapping[str, Callable[[Random], list[Use]]] = MappingProxyType(
    {
        "first_use_online": _first_use_online,
        "magstripe_cash": _magstripe_cash,
        "transfer_record": _transfer_record,
        "account_takeover": _account_takeover,
        "three_countries": _three_countries,
        "impossible_travel": _impossible_travel,
        "quasi_cash": _quasi_cash,
        "cash_out": _cash_out,
        "card_testing": _card_testing,
        "many_terminals": _many_terminals,
        "cash_report": _cash_report,
        "spending_spike": _spending_spike,
        "gambling_due_diligence": _gambling_due_diligence,
        "contactless_series": _contactless_series,
        "small_amounts": _small_amounts,
        "remote_low_value_series": _remote_low_value_series,
        "terminal_attack": _terminal_attack,
        "busy_day": _busy_day,
    }
)
"""By the rule or pattern that finds it, the shortest first."""


@dataclass(frozen=True)
class Case:
    """A scenario as it is played, from `start_ms` on."""

    scenario: str
    start_ms: int
    uses: tuple[Use, ...]

    @property
    def cards(self) -> int:
        """How many cards are used."""
        return 1 + max(each.card for each in self.uses)


def cases(rng: Random, fraudulent: int, span: tuple[int, int]) -> Iterator[Case]:
    """Cases of all scenarios in turn, with at most so many fraudulent transactions together.

    `span` is the start and the duration in milliseconds. A scenario takes half of it at most, and is played faster
    where it lasts longer; one with the owner's own transactions is left out then, since an owner does not hurry.
    """
    start_ms, duration_ms = span
    skipped = 0
    for name in cycle(SCENARIOS):
        uses = SCENARIOS[name](rng)
        size = sum(each.is_fraud for each in uses)
        speed = max(1.0, 2 * uses[-1].after_ms / duration_ms)
        if size > fraudulent or (speed > 1 and size < len(uses)):
            skipped += 1
            if skipped == len(SCENARIOS):
                return
            continue
        skipped, fraudulent = 0, fraudulent - size
        played = [_faster(each, speed) for each in uses]
        latest = start_ms + duration_ms - played[-1].after_ms
        yield Case(name, int(rng.integers(start_ms, latest)), tuple(played))


def _faster(use: Use, speed: float) -> Use:
    acts = tuple(replace(each, after_ms=round(each.after_ms / speed)) for each in use.acts)
    return replace(use, after_ms=round(use.after_ms / speed), acts=acts)
