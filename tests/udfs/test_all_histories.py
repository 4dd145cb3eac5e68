"""Gate, the history's model and the rules together, on all entities: what the oracle says, without Flink."""

from __future__ import annotations

from collections import defaultdict
from random import Random
from typing import Any

import numpy as np
import orjson

from contracts import reader
from sluice.feed.cards import card_of
from tests.oracle import answer
from tests.udfs.split import split
from tests.udfs.test_decide import ENTITIES
from tests.udfs.test_gate import ASIDE, CONTRACT, KEYS, LIMITS, TOKEN
from tests.udfs.transactions import NOW_MS, message
from udfs.decide import DECIDED, Batch, Decider, Topics
from udfs.facts import layout
from udfs.gate import Gate, Records
from udfs.history import EntityHistory, Event
from udfs.rules.file import load
from udfs.rules.log import RuleLog
from udfs.times import iso_ms

RULES = RuleLog(load(ENTITIES))
PARTITION = 2


def traffic(count: int) -> list[bytes]:
    """Of 5 customers with 5 cards each, at 5 terminals, by 4 devices or none."""
    rng, found = Random(7), []
    for number in range(count):
        customer = rng.randrange(5)
        value = message(
            transaction_id=f"t-{number}",
            event_time=iso_ms(NOW_MS - 400_000 + 500 * number - rng.choice((0, 0, 0, 7_000))),
            customer_id=f"c-{customer}",
            card_number=card_of(5 * customer + rng.randrange(5)),
            amount_minor=rng.choice((99, 150, 250, 90_000 if number > 300 else 450)),
            merchant_id=f"m-{rng.randrange(6)}",
            terminal_id=f"p-{rng.randrange(5)}",
            country=rng.choice(("US", "DE", "FR")),
            device_id=rng.choice((None, *(f"d-{each}" for each in range(4)))),
        )
        found.append(value)
    return found


def wanted(values: list[bytes], token: Any) -> dict[int, dict[str, Any]]:
    """What the oracle says of each decision by its offset, all features included."""
    log = [(PARTITION, offset, NOW_MS, b"", value) for offset, value in enumerate(values)]
    return {
        each.at[1]: {
            "outcome": each.outcome,
            "rules": list(each.rules),
            "features": list(each.features),
            **{f"{entity}_features": list(known) for entity, known in each.others.items()},
        }
        for each in answer(log, rules=ENTITIES, token=token).decisions
    }


def profiles(facts: Any) -> list[list[bytes]]:
    """What the kernel's steps say of transactions in this order, a column for each entity."""
    known: dict[tuple[str, int], EntityHistory] = defaultdict(EntityHistory)
    columns: list[list[bytes]] = []
    for entity in reader.ENTITIES:
        column = []
        for row in facts:
            id_, of = (row["entity"], row) if entity == "card" else (row[entity]["id"], row[entity])
            event = Event(int(row["event_ms"]), int(row["amount_usd_minor"]), tuple(of["categories"].tolist()))
            features = known[entity, int(id_)].add(event) if id_ else [0] * 36 + [-1]
            column.append(np.array([NOW_MS, *features], "<i8").tobytes())
        columns.append(column)
    return columns


def test_rules_on_all_entities_decide_as_the_oracle() -> None:
    values = traffic(500)
    count = len(values)
    gate = Gate(CONTRACT, LIMITS, reader.currencies(), lambda _: KEYS, ASIDE, RULES.entities)
    records = Records("transactions", values, [PARTITION] * count, list(range(count)), [NOW_MS] * count)
    gated = gate.pass_through(records, lambda: NOW_MS)
    facts = gated.numbers
    assert facts is not None
    assert facts.dtype == layout(reader.ENTITIES)
    batch = Batch(gated.records(), [None] * count, profiles(facts))
    topics = Topics("transactions", "decisions", "duplicates", "quarantine")
    decided = Decider(RULES, topics).decide(batch, NOW_MS).records()
    decisions = [orjson.loads(split(each, DECIDED)["record"] or b"") for each in decided]
    expected = wanted(values, TOKEN)
    for each in decisions:
        found = each | {"rules": [why["rule"] for why in each["reasons"]]}
        of = expected.pop(each["source_offset"])
        assert {name: found[name] for name in of} == of
    assert expected == {}
    fired = {why["rule"] for each in decisions for why in each["reasons"]}
    assert fired == {rule.rule.id for rule in RULES.versions[0].rules}
