"""Instants, durations and speeds as people write them."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

from sluice.feed.errors import FeedError

_UNITS = {"s": "seconds", "m": "minutes", "h": "hours", "d": "days"}
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def instant(text: str, option: str) -> datetime:
    """An ISO 8601 instant with its time zone; FeedError names the `option` it came from."""
    try:
        parsed = datetime.fromisoformat(text)
    except ValueError as error:
        raise FeedError(f"{option} {text!r} is no instant; write it like 2026-01-31T00:00:00Z") from error
    if parsed.tzinfo is None:
        raise FeedError(f"{option} {text!r} has no time zone; end it with Z for UTC")
    return parsed.astimezone(UTC)


def duration(text: str, option: str) -> timedelta:
    """A whole number and a unit: 30s, 10m, 2h or 7d."""
    match = re.fullmatch(r"([0-9]{1,6})([smhd])", text)
    if match is None or int(match[1]) == 0:
        raise FeedError(f"{option} {text!r} is no duration; write it like 30s, 10m, 2h or 7d")
    return timedelta(**{_UNITS[match[2]]: int(match[1])})


def speed(text: str, option: str) -> float | None:
    """A multiple of real time such as 60x, or None for `max`."""
    if text == "max":
        return None
    match = re.fullmatch(r"([0-9]{1,6}(?:\.[0-9]{1,3})?)x", text)
    if match is None or float(match[1]) == 0:
        raise FeedError(f"{option} {text!r} is no speed; write a multiple of real time such as 60x, or max")
    return float(match[1])


def milliseconds(at: datetime) -> int:
    """Milliseconds since 1970 of an aware instant."""
    return (at - EPOCH) // timedelta(milliseconds=1)


def iso(at_ms: int) -> str:
    """Milliseconds since 1970 as they stand on the wire."""
    return (EPOCH + timedelta(milliseconds=at_ms)).isoformat(timespec="milliseconds").removesuffix("+00:00") + "Z"
