"""Findings in words that a risk analyst understands, with the values that made a rule fire."""

from __future__ import annotations

from typing import Any

from contracts.reader import Contract
from udfs.rules import Rule, Version


class Wording:
    """Fills a rule's text: {value} and {limit} in the unit of what the rule looks at, {amount} as it was paid."""

    def __init__(self, features: Contract, currencies: dict[str, Any]) -> None:
        self._decimals = {code: int(entry["decimals"]) for code, entry in currencies.items()}
        stems = [each.name.split("{")[0] for each in features.fields if each.custom["unit"] == "US cents"]
        self._in_cents = tuple(stems)

    def money(self, amount_minor: int, currency: str) -> str:
        """Minor units as people write them, such as `1,234.50 USD` or `135,000 JPY`."""
        decimals = self._decimals[currency]
        whole, rest = divmod(amount_minor, 10**decimals)
        return f"{whole:,}.{rest:0{decimals}d} {currency}" if decimals else f"{whole:,} {currency}"

    def _in_words(self, name: str, value: int) -> str:
        if name == "amount_usd_minor" or name.startswith(self._in_cents):
            return self.money(value, "USD")
        return f"{value:,}"

    def reason(self, rule: Rule, version: Version, value: int, transaction: dict[str, Any]) -> dict[str, Any]:
        """One entry of a decision's `reasons` (contract `decisions`)."""
        name, limit = rule.when.value, rule.when.above
        text = rule.text.format(
            value=self._in_words(name, value),
            limit=self._in_words(name, limit),
            amount=self.money(transaction["amount_minor"], transaction["currency"]),
        )
        return {
            "rule": rule.id,
            "version": version.version,
            "severity": rule.severity,
            "text": text,
            "values": {name: value, "limit": limit},
        }
