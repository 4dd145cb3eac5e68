"""What is known of a number before it is: between which bounds it lies."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import NamedTuple


class Range(NamedTuple):
    """From `low` to `high`, both included."""

    low: float
    high: float

    @property
    def is_empty(self) -> bool:
        return self.low > self.high

    @property
    def has_zero(self) -> bool:
        return self.low <= 0 <= self.high

    def both(self, other: Range) -> Range:
        return Range(max(self.low, other.low), min(self.high, other.high))


EVERYTHING = Range(-math.inf, math.inf)


def _times(one: float, other: float) -> float:
    """Nothing of however much is nothing."""
    return one * other if one and other else 0.0


def combined(operator: str, left: Range, right: Range) -> Range:
    """Where `left operator right` lies; a divisor's range must not hold zero."""
    if operator == "+":
        return Range(left.low + right.low, left.high + right.high)
    if operator == "-":
        return Range(left.low - right.high, left.high - right.low)
    if operator == "/":
        return combined("*", left, Range(1 / right.high, 1 / right.low))
    corners = [_times(one, other) for one in left for other in right]
    return Range(min(corners), max(corners))


def truth(operator: str, left: Range, right: Range) -> bool | None:
    """Whether `left operator right` holds for all numbers of both, for none, or for some (None)."""
    if left.is_empty or right.is_empty:
        return None
    if operator in {">", ">="}:
        return truth({">": "<", ">=": "<="}[operator], right, left)
    if operator == "!=":
        equal = truth("==", left, right)
        return None if equal is None else not equal
    if operator == "==":
        if left == right and left.low == left.high:
            return True
        return False if left.both(right).is_empty else None
    surely = left.high < right.low if operator == "<" else left.high <= right.low
    never = left.low >= right.high if operator == "<" else left.low > right.high
    return True if surely else False if never else None


def where(operator: str, limit: Range) -> Range:
    """Where a whole number lies of which `number operator limit` holds; for `!=` nothing can be said."""
    if operator == "<":
        return Range(-math.inf, _whole(limit.high, math.ceil) - 1)
    if operator == "<=":
        return Range(-math.inf, _whole(limit.high, math.floor))
    if operator == ">":
        return Range(_whole(limit.low, math.floor) + 1, math.inf)
    if operator == ">=":
        return Range(_whole(limit.low, math.ceil), math.inf)
    return limit if operator == "==" else EVERYTHING


def _whole(bound: float, rounded: Callable[[float], int]) -> float:
    return bound if math.isinf(bound) else float(rounded(bound))
