"""Which alerts belong together, by definition: one card, one cause, and less than a window behind the first of them."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any

WINDOW_S = 600
MOST_ALERTS = 500


def episodes(alerts: Iterable[dict[str, Any]]) -> list[tuple[str, ...]]:
    """The ids of each episode's alerts, which come in the order of arrival within a card, each once."""
    found: dict[tuple[str, ...], list[tuple[float, list[str]]]] = {}
    for alert in alerts:
        of_cause = found.setdefault((alert["card_token"], alert["severity"], *sorted(alert["rules"])), [])
        at = datetime.fromisoformat(alert["event_time"]).timestamp()
        free = [(at - first, ids) for first, ids in of_cause if len(ids) < MOST_ALERTS]
        holding = [each for each in free if 0 <= each[0] < WINDOW_S]
        behind = [each for each in free if -WINDOW_S < each[0] < 0]
        if holding:
            min(holding)[1].append(alert["alert_id"])
        elif behind:
            max(behind)[1].append(alert["alert_id"])
        else:
            of_cause.append((at, [alert["alert_id"]]))
    return [tuple(ids) for of_cause in found.values() for _, ids in of_cause]
