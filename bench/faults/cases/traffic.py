"""Kafka that dies, and traffic that leans to one side."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

import orjson

from bench.faults.case import Case
from bench.faults.stage import BACK_SECONDS, Proof, Stage
from localstack.errors import ServerError
from localstack.kafka import NAME as KAFKA
from localstack.waiting import until
from sluice.errors import SluiceError

LEAST_SHARE = 0.45
Messages = Iterable[tuple[bytes, bytes]]


def _broker(stage: Stage) -> Proof:
    kafka = stage.stack.kafka
    feed = stage.feed_to_the_middle()
    before = stage.stack.processes.pid(KAFKA)
    killed = stage.kill(KAFKA)
    if not until(lambda: not stage.stack.processes.is_alive(KAFKA), BACK_SECONDS):
        raise ServerError("the broker is still there")
    kafka.launch()
    if not until(kafka.is_ready, BACK_SECONDS):
        raise ServerError(f"the broker does not answer after {BACK_SECONDS:.0f} s")
    feed.finish()
    return lambda: {"processes killed": killed, "new brokers": int(stage.stack.processes.pid(KAFKA) != before)}


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


CASES = (
    Case("broker", "kill -9 of the Kafka broker, and its return", _broker),
    Case("one_hot_card", "Half of all traffic on one card", _half_on_one_card),
)
