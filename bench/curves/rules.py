"""Rules files of any length, of the two kinds that the seed rules have: an amount, and a card's count."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import yaml

COUNTS = ("count_10s", "count_1m", "count_10m", "count_1h", "count_24h", "count_7d")


def _rule(number: int) -> dict[str, Any]:
    """Limits grow with the number, so that many rules fire hardly more often than one."""
    if number % 2 == 0:
        when: dict[str, Any] = {"value": "amount_usd_minor", "above": 80_000 + 5_000 * number}
        text = "Amount of {amount} is worth {value}, above the limit of {limit}."
    else:
        when = {"value": COUNTS[number // 2 % len(COUNTS)], "above": 1_000 + number}
        text = "{value} transactions of this card; up to {limit} are normal."
    return {"id": f"rule_{number}", "when": when, "outcome": "review", "severity": "medium", "text": text}


def write(count: int, file: Path) -> Path:
    """One version of `count` rules."""
    version = {"version": 1, "holds_from": "2015-01-01T00:00:00Z", "rules": [_rule(n) for n in range(count)]}
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(yaml.safe_dump([version], sort_keys=False), encoding="utf-8")
    return file
