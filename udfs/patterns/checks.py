"""What a match is held against where SQL alone can't tell: of what matched, what its check says counts."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from types import MappingProxyType
from typing import Any

from udfs.patterns.model import Limit
from udfs.patterns.takeover import completed
from udfs.patterns.travel import least_ms
from udfs.times import parse_ms

Matched = Sequence[Mapping[str, Any]]
"""The transactions of a match as they arrived, with the fields of `transactions` in the contract `alerts`.

Where a pattern is one over events of customers as well, these too, with the fields of `customer_events` there.
"""
Limits = Mapping[str, Limit]
"""The pattern's own."""


def span_ms(matched: Matched) -> int:
    """Between the event times of the first and the last transaction, in milliseconds."""
    first, last = (parse_ms(matched[at]["event_time"]) or 0 for at in (0, -1))
    return abs(last - first)


def too_far(matched: Matched, _: Limits) -> Matched:
    """All, where nobody can get from the first one's country to the last one's in that time."""
    holds = span_ms(matched) < least_ms(matched[0]["country"], matched[-1]["country"])
    return matched if holds else ()


def crowded(matched: Matched, limits: Limits) -> Matched:
    """All, where each of them is by another card, and none lies farther from another than the limit `within`."""
    times = [parse_ms(each["event_time"]) or 0 for each in matched]
    cards = {each["card_token"] for each in matched}
    holds = len(cards) == len(matched) and max(times) - min(times) <= limits["within"].number
    return matched if holds else ()


def taken_over(matched: Matched, limits: Limits) -> Matched:
    """What the last of them completes: see `completed`."""
    return completed(matched, limits["within"].number, limits["held"].number)


CHECKS: Mapping[str, Callable[[Matched, Limits], Matched]] = MappingProxyType(
    {"crowded": crowded, "taken_over": taken_over, "too_far": too_far}
)
"""What counts of a match, nothing where the check does not hold."""
