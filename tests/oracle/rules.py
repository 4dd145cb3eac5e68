"""Which rules fire, and what follows from it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any, NamedTuple

OUTCOMES = ("approve", "review", "block")
SEVERITIES = ("low", "medium", "high", "critical")
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class Verdict(NamedTuple):
    """`severity` is None for an approval."""

    outcome: str
    severity: str | None
    rules: tuple[str, ...]
    version: int


def decide(versions: list[tuple[datetime, dict[str, Any]]], event_ms: int, values: dict[str, int]) -> Verdict:
    """The verdict of the version that holds at `event_ms`; LookupError where none does."""
    at = EPOCH + timedelta(milliseconds=event_ms)
    held = [version for since, version in versions if since <= at]
    if not held:
        raise LookupError(f"no rules hold at {at}")
    version = held[-1]
    fired = [rule for rule in version["rules"] if values[rule["when"]["value"]] > rule["when"]["above"]]
    names = tuple(rule["id"] for rule in fired)
    raised = [each for each in version.get("escalate", []) if set(each["when_all"]) <= set(names)]
    outcomes = [each["outcome"] for each in fired + raised]
    severities = [each["severity"] for each in fired + raised]
    return Verdict(
        max(outcomes, key=OUTCOMES.index, default="approve"),
        max(severities, key=SEVERITIES.index, default=None),
        names,
        version["version"],
    )
