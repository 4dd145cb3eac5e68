"""Decides on transactions of cards that no token can be made for: without history, and saying so."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import orjson

from contracts import reader
from udfs import parts
from udfs.decide import Decider, First, Topics
from udfs.facts import FactsArray
from udfs.rules.log import RuleLog

REASON = "keys_away"
STAND_IN = "degraded"
"""What such a transaction's stand-in for a token begins with."""
_SAID = b',"degraded":"%b"}' % REASON.encode()
_IN_WORDS = "Decided without the card's history, since the token keys were away."


def stand_in(partition: int, offset: int) -> str:
    """In the place of a token: says where the message stands in the raw topic, and nothing of the card."""
    return f"{STAND_IN}_{partition}-{offset}"


class Alone:
    """Asks those rules that look at nothing but the transaction."""

    def __init__(self, rules: RuleLog, topics: Topics) -> None:
        self._decider = Decider(rules.of_transaction_alone(), topics)
        self._topic = topics.decisions.encode()
        self._unknown = {each: len(reader.feature_names(each)) for each in rules.entities}

    def decide(
        self, stand_ins: Sequence[str], bodies: Sequence[bytes], facts: FactsArray, decided_ms: int
    ) -> list[bytes]:
        """A packed record of decide.DECIDED for each transaction; `bodies` and `facts` are the gate's."""
        rows = len(bodies)
        unknown = {entity: np.zeros((rows, count), np.int64) for entity, count in self._unknown.items()}
        first = First(bodies, facts, facts["gated_ms"], unknown)
        decisions, alerts = self._decider.decided(first, [b""] * rows, decided_ms)
        return [
            parts.record(self._topic, token.encode(), decision[:-1] + _SAID, alert and _told(alert))
            for token, decision, alert in zip(stand_ins, decisions, alerts, strict=True)
        ]


def _told(alert: bytes) -> bytes:
    content: dict[str, Any] = orjson.loads(alert)
    return orjson.dumps(content | {"text": f"{content['text']} {_IN_WORDS}"})
