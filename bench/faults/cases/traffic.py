"""Traffic that leans to one side."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

import orjson

from bench.faults.case import Case
from bench.faults.stage import Proof, Stage
from sluice.errors import SluiceError

LEAST_SHARE = 0.45
Messages = Iterable[tuple[bytes, bytes]]


def _half_on_one_card(stage: Stage) -> Proof:
    share: Counter[str] = Counter()

    def lean(messages: Messages) -> Messages:
        """Every other transaction is one of the first one's card and customer."""
        hot: dict[str, str] = {}
        for number, (key, value) in enumerate(messages):
            body = _body(value)
            if not hot:
                hot = {name: body[name] for name in ("customer_id", "card_number")}
            if number % 2 and len(body) > len(hot):
                share["on one card"] += 1
                yield hot["customer_id"].encode(), orjson.dumps(body | hot)
            else:
                yield key, value

    sent = stage.feed(change=lean).finish()
    if share["on one card"] < LEAST_SHARE * sent:
        raise SluiceError(f"only {share['on one card']:,} of {sent:,} transactions are on one card")
    return lambda: {"transactions on one card": share["on one card"]}


def _body(value: bytes) -> dict[str, str]:
    try:
        body = orjson.loads(value)
    except orjson.JSONDecodeError:
        return {}
    return body if isinstance(body, dict) else {}


CASES = (Case("one_hot_card", "Half of all traffic on one card", _half_on_one_card),)
