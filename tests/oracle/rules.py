"""Which rules fire, and what follows from it.

A condition is given to Python itself: with its units worked out, the rule language is a part of Python's.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from fractions import Fraction
from functools import cache
from types import CodeType, SimpleNamespace
from typing import Any, NamedTuple

OUTCOMES = ("approve", "review", "block")
SEVERITIES = ("low", "medium", "high", "critical")
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
UNITS = {"USD": 100, "ms": 1, "s": 1_000, "min": 60_000, "h": 3_600_000, "d": 86_400_000}
LITERAL = re.compile(rf"('[^']*'|\"[^\"]*\")|(?<![\w.])(\d[\d_]*(?:\.\d+)?)(?:\s*({'|'.join(UNITS)})\b)?")
LONG_AGO = 10**15


class Verdict(NamedTuple):
    """`severity` is None for an approval."""

    outcome: str
    severity: str | None
    rules: tuple[str, ...]
    version: int


def _worked_out(literal: re.Match[str]) -> str:
    text, number, unit = literal.groups()
    if text:
        return text
    value = Fraction(number.replace("_", "")) * UNITS.get(unit, 1)
    return str(value) if value.denominator == 1 else f"Fraction('{value}')"


@cache
def _code(condition: str) -> CodeType:
    return compile(LITERAL.sub(_worked_out, condition).strip(), "<rule>", "eval")


@cache
def _limits(written: tuple[tuple[str, Any], ...]) -> dict[str, Any]:
    return {name: eval(_code(str(value)), {"Fraction": Fraction}) for name, value in written}  # noqa: S307 - our file


def _known(features: dict[str, int]) -> SimpleNamespace:
    history = {name.removeprefix("ms_"): value for name, value in features.items()}
    if history["since_last"] < 0:
        history["since_last"] = LONG_AGO
    return SimpleNamespace(**history)


def _names(transaction: dict[str, Any], usd: int, features: dict[str, dict[str, int]]) -> dict[str, Any]:
    """What a condition may speak of."""
    histories = {entity: _known(each) for entity, each in features.items()}
    texts = {name: value for name, value in transaction.items() if isinstance(value, str)}
    optional = dict.fromkeys(("device_id", "entry_mode"))
    return {**optional, **texts, "amount_usd": usd, **histories, "missing": None}


def _fires(rule: dict[str, Any], names: dict[str, Any]) -> bool:
    limits = _limits(tuple(rule.get("limits", {}).items()))
    return bool(eval(_code(rule["when"]), {"Fraction": Fraction}, names | limits))  # noqa: S307 - our file


def decide(
    versions: list[tuple[datetime, dict[str, Any]]],
    event_ms: int,
    transaction: dict[str, Any],
    usd: int,
    features: dict[str, dict[str, int]],
) -> Verdict:
    """The verdict of the version that holds at `event_ms`; LookupError where none does."""
    at = EPOCH + timedelta(milliseconds=event_ms)
    held = [version for since, version in versions if since <= at]
    if not held:
        raise LookupError(f"no rules hold at {at}")
    version = held[-1]
    names = {**version.get("lists", {}), **_names(transaction, usd, features)}
    fired = [rule for rule in version["rules"] if _fires(rule, names)]
    ids = tuple(rule["id"] for rule in fired)
    raised = [each for each in version.get("escalate", []) if set(each["when_all"]) <= set(ids)]
    outcomes = [each["outcome"] for each in fired + raised]
    severities = [each["severity"] for each in fired + raised]
    return Verdict(
        max(outcomes, key=OUTCOMES.index, default="approve"),
        max(severities, key=SEVERITIES.index, default=None),
        ids,
        version["version"],
    )
