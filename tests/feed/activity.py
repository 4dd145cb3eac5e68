"""What customers did, as the patterns over their events and transfers see it when everything arrives at its time."""

from __future__ import annotations

import json
from collections.abc import Iterable
from datetime import datetime

from sluice.feed.generate import Traffic
from sluice.feed.times import milliseconds
from tests.oracle.answer import Decision
from tests.oracle.patterns import Act


def by_customers(decisions: Iterable[Decision], traffic: Traffic) -> list[tuple[int, int] | Act]:
    """The places of transfers, and the events of `traffic`, by time."""
    done: list[tuple[int, tuple[int, int] | Act]] = [
        (_ms(each.transaction["event_time"]), each.at)
        for each in decisions
        if each.transaction["channel"] == "transfer"
    ]
    for each in traffic.customer_events():
        body = json.loads(each.value)
        at_ms = _ms(body["event_time"])
        done.append((at_ms, Act(body["event_id"], at_ms, body["kind"], body["customer_id"])))
    return [what for _, what in sorted(done, key=lambda timed: timed[0])]


def last_transaction(match: Iterable[tuple[int, int] | str]) -> tuple[int, int]:
    """Where the transaction stands that the alert is on."""
    return [each for each in match if not isinstance(each, str)][-1]


def _ms(moment: str) -> int:
    return milliseconds(datetime.fromisoformat(moment))
