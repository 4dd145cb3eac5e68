"""Values and findings in words that a risk analyst understands."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any

from udfs.rule_language.values import MS, NEVER, USD

_PLACEHOLDER = re.compile(r"\{([^{}]*)\}")
_UNITS = ((86_400_000, "d"), (3_600_000, "h"), (60_000, "min"), (1_000, "s"), (1, "ms"))


def placeholders(text: str) -> list[str]:
    """The names in braces, in the order in which they stand."""
    return _PLACEHOLDER.findall(text)


def sentence(text: str, word: Callable[[str], str]) -> str:
    """`text` with the word for each name in braces."""
    return _PLACEHOLDER.sub(lambda found: word(found[1]), text)


def duration(milliseconds: int) -> str:
    """The two greatest units that count: `4 s 500 ms`, `2 h 5 min`, `0 ms`."""
    parts: list[str] = []
    for size, unit in _UNITS:
        count, milliseconds = divmod(milliseconds, size)
        if count or parts:
            parts.append(f"{count:,} {unit}" if count else "")
    return " ".join(part for part in parts[:2] if part) or "0 ms"


class Wording:
    """`currencies` are those of the contracts, with their `decimals`."""

    def __init__(self, currencies: Mapping[str, Any]) -> None:
        self._decimals = {code: int(entry["decimals"]) for code, entry in currencies.items()}

    def money(self, amount_minor: int, currency: str) -> str:
        """Minor units as people write them, such as `1,234.50 USD` or `135,000 JPY`."""
        decimals = self._decimals[currency]
        whole, rest = divmod(amount_minor, 10**decimals)
        return f"{whole:,}.{rest:0{decimals}d} {currency}" if decimals else f"{whole:,} {currency}"

    def number(self, value: int, unit: str) -> str:
        """`value` in `unit`, one of those of the rule language."""
        if unit == USD:
            return self.money(value, USD)
        if unit == MS:
            return "never" if value == NEVER else duration(value)
        return f"{value:,}"
