"""Rules files of any length, of the two kinds that the seed rules have: an amount, and a card's count."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import yaml

from udfs.rule_language.values import catalogue

COUNTS = tuple(name for name in catalogue() if name.startswith("card.count_"))


def _rule(number: int) -> dict[str, Any]:
    """Limits grow with the number, so that many rules fire hardly more often than one."""
    name, unit, limit = "amount_usd", " USD", 800 + 50 * number
    if number % 2:
        name, unit, limit = COUNTS[number // 2 % len(COUNTS)], "", 1_000 + number
    return {
        "id": f"rule_{number}",
        "when": f"{name} > most",
        "limits": {"most": f"{limit}{unit}"},
        "outcome": "review",
        "severity": "medium",
        "text": f"{{{name}}} is above {{most}}.",
        "why": "To see what rules cost.",
        "examples": {"fires": [{name: f"{limit + 1}{unit}"}], "spares": [{name: f"{limit}{unit}"}]},
    }


def write(count: int, file: Path) -> Path:
    """One version of `count` rules."""
    version = {"version": 1, "holds_from": "2015-01-01T00:00:00Z", "rules": [_rule(n) for n in range(count)]}
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(yaml.safe_dump([version], sort_keys=False), encoding="utf-8")
    return file
