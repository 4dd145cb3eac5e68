"""The pure logic of `udfs` as the calls that the kernel's Python steps make, see `udfs/batches.py`."""

from __future__ import annotations

import time
from collections.abc import Sequence

import msgspec
import numpy as np

from udfs import batches, enrichment, references
from udfs.parts import Packed
from udfs.quarantine import Source, quarantined
from udfs.times import INVALID, clock_ms, parse_all_ms
from udfs.validation import Problem

STEP = "references"

FACTS = np.dtype([("event_ms", "<i8"), ("amount_minor", "<i8"), ("source_partition", "<i8"), ("source_offset", "<i8")])
OPENED = ("facts", "customer_id", "merchant_id", "currency", "card_token", "decision")
"""The parts of a decision on its way: FACTS, the keys of what it is enriched with, and the message as it came."""

VERSION = np.dtype([("reference", "<i8"), ("valid_from_ms", "<i8")])
REFERENCED = ("version", "entity", "answer", "problem")
"""The parts of a reference's message: VERSION, whom it is about, what holds, or else the quarantine record."""

ENRICHED = ("key", "value")


class _Decision(msgspec.Struct):
    event_time: str
    customer_id: str
    merchant_id: str
    currency: str
    card_token: str
    amount_minor: int
    source_partition: int
    source_offset: int


def open_decisions(after_seconds: float) -> batches.Call:
    """(value, partition, offset) of decisions to packed records of OPENED.

    It opens after so long, in which the references are read alone. Raises ValueError for what is no decision, with
    the place where it stands.
    """
    time.sleep(after_seconds)
    decode = msgspec.json.Decoder(_Decision).decode

    def read(message: bytes, partition: int, offset: int) -> _Decision:
        try:
            return decode(message)
        except msgspec.MsgspecError as error:
            raise ValueError(f"no decision at partition {partition}, offset {offset}: {error}") from None

    def call(count: int, value: bytes, partition: bytes, offset: bytes) -> bytes:
        messages = batches.present(value, count)
        places = (batches.numbers(each).tolist() for each in (partition, offset))
        found = [read(*each) for each in zip(messages, *places, strict=True)]
        facts = np.zeros(count, FACTS)
        facts["event_ms"] = parse_all_ms([each.event_time for each in found])
        if (facts["event_ms"] == INVALID).any():
            raise ValueError("a decision has an event_time that is not UTC such as 2026-01-31T23:59:59.999Z")
        for name in ("amount_minor", "source_partition", "source_offset"):
            facts[name] = [getattr(each, name) for each in found]
        texts = [[getattr(each, name).encode() for each in found] for name in OPENED[1:-1]]
        return batches.answer(Packed((*texts, messages), facts))

    return call


def open_references(topics: Sequence[str]) -> batches.Call:
    """(topic, key, value, partition, offset, appended) to packed records of REFERENCED.

    `topics` are those of references.NAMES, in that order.
    """
    numbers = {topic.encode(): number for number, topic in enumerate(topics)}
    tables = [references.table(name) for name in references.NAMES]

    def call(
        count: int, topic: bytes, key: bytes, value: bytes, partition: bytes, offset: bytes, appended: bytes
    ) -> bytes:
        versions = np.zeros(count, VERSION)
        entities, answers, problems = ([b""] * count for _ in range(3))
        texts = (batches.present(topic, count), batches.values(key, count), batches.values(value, count))
        places = (batches.numbers(each).tolist() for each in (partition, offset, appended))
        for row, (topic_name, message_key, message, *place) in enumerate(zip(*texts, *places, strict=True)):
            number = numbers[topic_name or b""]
            found = references.read(tables[number], message_key, message)
            if isinstance(found, Problem):
                source = Source(topics[number], *place)
                problems[row] = quarantined(found, {}, STEP, source, message or message_key or b"")
            else:
                versions[row] = number, found.valid_from_ms
                entities[row], answers[row] = found.entity.encode(), (found.value or "").encode()
        return batches.answer(Packed((entities, answers, problems), versions))

    return call


def open_enrichment() -> batches.Call:
    """(event_ms, amount_minor, currency, card_token, decision, then of each reference what `as_of` gives) to
    packed records of ENRICHED."""
    opened = enrichment.from_contracts()

    def call(count: int, event_ms: bytes, amount_minor: bytes, *columns: bytes) -> bytes:
        numbers = zip(batches.numbers(event_ms).tolist(), batches.numbers(amount_minor).tolist(), strict=True)
        texts = zip(*(batches.present(each, count) for each in columns), strict=True)
        now_ms = clock_ms()
        keys, values = [], []
        for (event, amount), (currency, card_token, decision, *found) in zip(numbers, texts, strict=True):
            asked = enrichment.Asked(event, currency.decode(), amount)
            fields = opened.fields(asked, dict(zip(references.NAMES, found, strict=True)), now_ms)
            keys.append(card_token)
            values.append(enrichment.enriched(decision, fields))
        return batches.answer(Packed((keys, values)))

    return call
