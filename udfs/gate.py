"""The gate: raw bytes to tokenised transactions, or to quarantine records. The only place that sees a card number."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
import orjson

from contracts.reader import Contract
from udfs.alone import Alone, stand_in
from udfs.completion import Completion
from udfs.facts import FactsArray, layout
from udfs.keys.sealed import NewTokens, Sealer, sealed
from udfs.keys.tokens import Tokens
from udfs.parts import Packed, record
from udfs.quarantine import Source, quarantined
from udfs.times import all_canonical, parse_ms
from udfs.tokenisation import DIGEST_BYTES
from udfs.transaction_reader import TransactionReader, Values
from udfs.validation import Bounds, diagnose

_DAY_MS = 86_400_000


class Records(NamedTuple):
    """A batch from one Kafka topic; columns of equal length, append times in ms since 1970."""

    topic: str
    values: Sequence[bytes | None]
    partitions: Sequence[int]
    offsets: Sequence[int]
    ingested_ms: Sequence[int]

    def source(self, row: int) -> Source:
        return Source(self.topic, self.partitions[row], self.offsets[row], self.ingested_ms[row])


def bounds(contract: Contract, max_message_bytes: int, max_age_days: int | None) -> Bounds:
    """The contract's clock bounds; `max_age_days` overrides the greatest age."""
    event_time = next(each for each in contract.fields if each.type == "timestamp")
    age = event_time.custom["maxAgeDays"] if max_age_days is None else max_age_days
    return Bounds(max_message_bytes, age * _DAY_MS, event_time.custom["maxAheadSeconds"] * 1000)


class Keys(NamedTuple):
    """What tokens are made with, and what seals a card for the vault."""

    tokens: Tokens
    seal: Sealer


class Aside(NamedTuple):
    """What the gate writes by itself: `vault` is a topic, `alone` decides where there are no keys."""

    vault: str
    alone: Alone


class Gate:
    """Lets each record of a batch through, or says why not.

    `keys` gives those for records that were appended up to a moment, in ms since 1970; where it gives None, they are
    decided on alone. `entities` are those whose histories are kept.
    """

    def __init__(
        self,
        contract: Contract,
        limits: Bounds,
        currencies: dict[str, Any],
        keys: Callable[[int], Keys | None],
        aside: Aside,
        entities: tuple[str, ...] = ("card",),
    ) -> None:
        self._contract = contract
        self._limits = limits
        self._currencies = currencies
        self._reader = TransactionReader(contract, currencies, limits)
        self._completion = Completion(contract, currencies, entities)
        self._layout = layout(entities)
        self._keys = keys
        self._vault, self._alone = aside.vault.encode(), aside.alone
        self._new = NewTokens()
        self._at = {name: number for number, name in enumerate(contract.names())}
        self._card = next(number for number, each in enumerate(contract.fields) if "tokenisedAs" in each.custom)

    def pass_through(self, records: Records, clock_ms: Callable[[], int]) -> Packed:
        """One record of GATED for each. `problem` is empty, or token and body are; for a decision alone, all three."""
        rows, event_ms = self._reader.read(records.values, np.array(records.ingested_ms, dtype=np.int64))
        problems = [b""] * len(rows)
        for number, values in enumerate(rows):
            if values is None:
                rows[number], problems[number] = self._careful_look(records, number)
                if (accepted := rows[number]) is not None:
                    event_ms[number] = parse_ms(accepted[self._at["event_time"]])
        facts = self._facts(records, event_ms)
        passed = [number for number, values in enumerate(rows) if values is not None]
        of_passed = facts[passed]
        tokens, bodies, asides = self._let_in([values for values in rows if values is not None], of_passed, clock_ms)
        facts[passed] = of_passed
        if len(passed) < len(rows):
            tokens, bodies, asides = (_spread(each, passed, len(rows)) for each in (tokens, bodies, asides))
        return Packed((tokens, bodies, problems, asides), facts)

    def _careful_look(self, records: Records, number: int) -> tuple[Values | None, bytes]:
        """The values of a record whose only fault is to have fields that the contract does not know, or the problem."""
        raw = records.values[number] or b""
        diagnosis = diagnose(raw, records.ingested_ms[number], self._contract, self._currencies, self._limits)
        if diagnosis.problem is not None:
            return None, quarantined(diagnosis.problem, diagnosis.readable, "gate", records.source(number), raw)
        content = orjson.loads(raw)
        return tuple(content.get(name) for name in self._contract.names()), b""

    def _facts(self, records: Records, event_ms: npt.NDArray[np.int64]) -> FactsArray:
        """What is known of each record without its fields."""
        facts = np.zeros(len(records.values), self._layout)
        facts["event_ms"] = event_ms
        facts["ingested_ms"] = records.ingested_ms
        facts["source_offset"] = records.offsets
        facts["source_partition"] = records.partitions
        return facts

    def _let_in(self, rows: Sequence[Values], facts: FactsArray, clock_ms: Callable[[], int]) -> list[list[bytes]]:
        """Tokens, bodies and asides of transactions; completes their facts."""
        if not rows:
            return [[], [], []]
        columns: list[Sequence[Any]] = list(zip(*rows, strict=True))
        time = self._at["event_time"]
        columns[time] = all_canonical(columns[time], facts["event_ms"].tolist())
        keys = self._keys(int(facts["ingested_ms"].max()))
        return (
            self._decided_alone(columns, facts, clock_ms)
            if keys is None
            else self._tokenised(keys, columns, facts, clock_ms)
        )

    def _tokenised(
        self, keys: Keys, columns: list[Sequence[Any]], facts: FactsArray, clock_ms: Callable[[], int]
    ) -> list[list[bytes]]:
        cards, moments = columns[self._card], facts["ingested_ms"].tolist()
        tokens = keys.tokens.all(cards, moments)
        columns[self._card] = tokens.shown
        linking = None if tokens.linking is tokens.shown else tokens.linking
        bodies = self._completion.bodies(columns, tokens.digests, facts, linking)
        asides = [b""] * len(bodies)
        for row, sealed_card in sealed(keys.seal, self._new, cards, tokens, moments).items():
            asides[row] = record(self._vault, *sealed_card, b"")
        facts["gated_ms"] = clock_ms()
        return [list(map(str.encode, tokens.shown)), bodies, asides]

    def _decided_alone(
        self, columns: list[Sequence[Any]], facts: FactsArray, clock_ms: Callable[[], int]
    ) -> list[list[bytes]]:
        places = zip(facts["source_partition"].tolist(), facts["source_offset"].tolist(), strict=True)
        columns[self._card] = stand_ins = [stand_in(*each) for each in places]
        bodies = self._completion.bodies(columns, bytes(DIGEST_BYTES * len(stand_ins)), facts)
        facts["gated_ms"] = now_ms = clock_ms()
        nothing = [b""] * len(bodies)
        return [nothing, nothing, self._alone.decide(stand_ins, bodies, facts, now_ms)]


def _spread(values: list[bytes], rows: Sequence[int], size: int) -> list[bytes]:
    """`values` at `rows` of a column of `size`, empty elsewhere."""
    found = [b""] * size
    for row, value in zip(rows, values, strict=True):
        found[row] = value
    return found
