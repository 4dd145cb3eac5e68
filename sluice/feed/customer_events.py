"""What customers do besides paying, as messages of the contract `customer_events`."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
import orjson

from sluice.feed.times import iso

SHARE = 0.02
"""Of the customers, how many do anything."""
HABITS: tuple[tuple[float, tuple[tuple[str, str | None], ...]], ...] = (
    (0.3, (("device_added", None),)),
    (0.3, (("device_added", None), ("password_reset", None))),
    (0.3, (("profile_changed", "address"),)),
    (0.1, (("device_added", None), ("profile_changed", "phone"))),
)
"""How often, and what one does in turn; so most new devices change no profile."""
PAUSE_MS = 60_000


class Event(NamedTuple):
    time_ms: int
    customer: str
    kind: str
    changed_field: str | None

    def message(self, event_id: str) -> bytes:
        """As it goes to the topic."""
        body: dict[str, Any] = {
            "event_id": event_id,
            "event_time": iso(self.time_ms),
            "customer_id": self.customer,
            "kind": self.kind,
            "device_id": f"d-{self.customer}-3",
        }
        return orjson.dumps(body if self.changed_field is None else body | {"changed_field": self.changed_field})


def ordinary(rng: np.random.Generator, customers: npt.NDArray[np.int64], span: tuple[int, int]) -> Iterator[Event]:
    """What some of the `customers` do by themselves; `span` is the start and the duration in milliseconds."""
    start_ms, duration_ms = span
    chosen = customers[rng.random(len(customers)) < SHARE].tolist()
    habits = rng.choice(len(HABITS), len(chosen), p=[share for share, _ in HABITS]).tolist()
    starts = (rng.random(len(chosen)) * duration_ms / 2).astype(np.int64).tolist()
    pause_ms = min(PAUSE_MS, duration_ms // 4)
    for customer, habit, begin_ms in zip(chosen, habits, starts, strict=True):
        for number, (kind, field) in enumerate(HABITS[habit][1]):
            yield Event(start_ms + begin_ms + number * pause_ms, f"c{customer:07d}", kind, field)
