"""What the demo sends: yesterday's transactions, some of them a day late, and live traffic with troubles."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta

from sluice.feed.faults import Troubled, mix
from sluice.feed.generate import Generated, Traffic

CARDS = 20_000
YESTERDAY = 3_000
LIVE_RATE = 300
LIVE_SECONDS = 40
FRAUD_RATE = 0.02
TROUBLE_RATE = 0.03
LATE_CUSTOMERS = 10  # one customer in so many was offline yesterday


@dataclass(frozen=True)
class Story:
    """`on_time` and `late` are of `day`; `live` is sent evenly over `live_seconds`.

    What customers did besides is in `events`, that of `day` and that of the live traffic.
    """

    day: datetime
    events: tuple[Sequence[Generated], Sequence[Generated]]
    on_time: Sequence[Generated]
    late: Sequence[Generated]
    live: Sequence[Troubled]
    live_seconds: float = LIVE_SECONDS

    def __iter__(self) -> Iterator[Generated | Troubled]:
        yield from self.on_time
        yield from self.live
        yield from self.late


def write(now: datetime, seed: int) -> Story:
    """The story around `now`; the same arguments give the same one."""
    day = datetime.combine(now.date() - timedelta(days=1), time(0), UTC)
    before = Traffic(YESTERDAY, cards=CARDS, seed=seed, start=day, duration=timedelta(hours=24), fraud_rate=FRAUD_RATE)
    on_time: list[Generated] = []
    late: list[Generated] = []
    for each in before:
        (late if int(each.key.lstrip(b"c")) % LATE_CUSTOMERS == 0 else on_time).append(each)
    traffic = Traffic(
        LIVE_RATE * LIVE_SECONDS,
        cards=CARDS,
        seed=seed + 1,
        start=now,
        duration=timedelta(seconds=LIVE_SECONDS),
        fraud_rate=FRAUD_RATE,
    )
    live = list(mix(traffic, seed=seed, now=now, rate=TROUBLE_RATE))
    events = tuple(before.customer_events()), tuple(traffic.customer_events())
    return Story(day, events, on_time, late, live)
