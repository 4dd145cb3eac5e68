"""Rules files to vary."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import yaml

from udfs.rules.file import load
from udfs.rules.model import Version

RULE: dict[str, Any] = {
    "id": "big",
    "when": "amount_usd > most",
    "limits": {"most": "1.00 USD"},
    "outcome": "review",
    "severity": "low",
    "text": "{amount_usd} is above {most}.",
    "why": "To try it out.",
    "examples": {"fires": [{"amount_usd": "1.01 USD"}], "spares": [{"amount_usd": "1.00 USD"}]},
}


def rule(**changes: Any) -> dict[str, Any]:
    """A rule with `changes`; a change to `...` leaves a field out."""
    return {name: value for name, value in (RULE | changes).items() if value is not ...}


def version(
    number: int = 1, since: str = "2020-01-01T00:00:00Z", *rules: dict[str, Any], **rest: Any
) -> dict[str, Any]:
    return {"version": number, "holds_from": since, "rules": list(rules) or [rule()], **rest}


def written(folder: Path, *versions: dict[str, Any]) -> Path:
    path = folder / "rules.yaml"
    path.write_text(yaml.safe_dump(list(versions), sort_keys=False), encoding="utf-8")
    return path


def loaded(folder: Path, *versions: dict[str, Any]) -> tuple[Version, ...]:
    return load(written(folder, *versions))
