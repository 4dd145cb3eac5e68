"""Tokens, times, durations and card features as people read them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from contracts import reader
from udfs.wording import Wording, duration

_SHORT_TOKEN = 17  # the key id, and enough of the hash to tell cards apart
_MONEY_UNIT = "US cents"

money = Wording(reader.currencies()).money


def short_token(token: str) -> str:
    return token if len(token) <= _SHORT_TOKEN else token[:_SHORT_TOKEN] + "…"


def utc(iso: str) -> str:
    """ISO 8601 with Z as `2026-01-05 08:00:00.500`."""
    return iso.replace("T", " ").removesuffix("Z")


def since_last(milliseconds: int) -> str:
    """The feature ms_since_last: -1 for a card's first transaction, 0 for one that came out of order."""
    if milliseconds < 0:
        return "the card's first transaction"
    return f"{duration(milliseconds)} after the latest before it" if milliseconds else "not after the latest before it"


def counted(number: int, unit: str) -> str:
    """`1 country`, `2 countries`, for a unit of the contract `card_features` such as `distinct countries`."""
    plural = unit.removeprefix("distinct ")
    singular = plural.removesuffix("ies") + "y" if plural.endswith("ies") else plural.removesuffix("s")
    return f"{number:,} {singular if number == 1 else plural}"


def windows(card: Mapping[str, Any]) -> list[tuple[str, str]]:
    """Each window with what is known of the card within it, from the card's features by name."""
    contract = reader.load("card_features")
    kinds = [each for each in contract.fields if "{window}" in each.name]

    def phrase(stem: str, value: int, unit: str) -> str:
        return f"{stem} {money(value, 'USD')}" if unit == _MONEY_UNIT else counted(value, unit)

    return [
        (
            window,
            ", ".join(
                phrase(kind.name.partition("_")[0], int(card[kind.name.format(window=window)]), kind.custom["unit"])
                for kind in kinds
            ),
        )
        for window in contract.custom["windows"]
    ]
