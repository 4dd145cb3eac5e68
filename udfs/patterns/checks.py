"""What a match is held against where SQL alone can't tell: it counts only where its check says so."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from types import MappingProxyType
from typing import Any

from udfs.patterns.model import Limit
from udfs.patterns.travel import least_ms
from udfs.times import parse_ms

Matched = Sequence[Mapping[str, Any]]
"""The transactions of a match as they arrived, with the fields of `transactions` in the contract `alerts`."""
Limits = Mapping[str, Limit]
"""The pattern's own."""


def span_ms(matched: Matched) -> int:
    """Between the event times of the first and the last transaction, in milliseconds."""
    first, last = (parse_ms(matched[at]["event_time"]) or 0 for at in (0, -1))
    return abs(last - first)


def too_far(matched: Matched, _: Limits) -> bool:
    """Whether nobody can get from the first one's country to the last one's in that time."""
    return span_ms(matched) < least_ms(matched[0]["country"], matched[-1]["country"])


def crowded(matched: Matched, limits: Limits) -> bool:
    """Whether each of them is by another card, and none lies farther from another than the limit `within`."""
    times = [parse_ms(each["event_time"]) or 0 for each in matched]
    cards = {each["card_token"] for each in matched}
    return len(cards) == len(matched) and max(times) - min(times) <= limits["within"].number


CHECKS: Mapping[str, Callable[[Matched, Limits], bool]] = MappingProxyType({"crowded": crowded, "too_far": too_far})
