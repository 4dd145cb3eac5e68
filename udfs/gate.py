"""The gate: raw bytes to tokenised transactions, or to quarantine records. The only place that sees a card number."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
import orjson

from contracts import reader
from contracts.reader import Contract
from udfs.completion import Completion
from udfs.facts import FACTS, FactsArray
from udfs.parts import Packed
from udfs.quarantine import Source, quarantined
from udfs.times import all_canonical, parse_ms
from udfs.tokenisation import Tokeniser, load_key
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


class Gate:
    """Lets each record of a batch through, or says why not."""

    def __init__(self, contract: Contract, limits: Bounds, currencies: dict[str, Any], token: Tokeniser) -> None:
        self._contract = contract
        self._limits = limits
        self._currencies = currencies
        self._reader = TransactionReader(contract, currencies, limits)
        self._completion = Completion(contract, currencies)
        self._token = token
        self._at = {name: number for number, name in enumerate(contract.names())}
        self._card = next(number for number, each in enumerate(contract.fields) if "tokenisedAs" in each.custom)

    def pass_through(self, records: Records, clock_ms: Callable[[], int]) -> Packed:
        """One record of GATED for each: either `problem` is empty, or token and body are."""
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
        columns = self._tokenised([values for values in rows if values is not None], of_passed, clock_ms)
        facts[passed] = of_passed
        if len(passed) < len(rows):
            columns = [_spread(each, passed, len(rows)) for each in columns]
        return Packed((*columns, problems), facts)

    def _careful_look(self, records: Records, number: int) -> tuple[Values | None, bytes]:
        """The values of a record whose only fault is to have fields that the contract does not know, or the problem."""
        raw = records.values[number] or b""
        diagnosis = diagnose(raw, records.ingested_ms[number], self._contract, self._currencies, self._limits)
        if diagnosis.problem is not None:
            return None, quarantined(diagnosis.problem, diagnosis.readable, "gate", records.source(number), raw)
        content = orjson.loads(raw)
        return tuple(content.get(name) for name in self._contract.names()), b""

    @staticmethod
    def _facts(records: Records, event_ms: npt.NDArray[np.int64]) -> FactsArray:
        """What is known of each record without its fields."""
        facts = np.zeros(len(records.values), FACTS)
        facts["event_ms"] = event_ms
        facts["ingested_ms"] = records.ingested_ms
        facts["source_offset"] = records.offsets
        facts["source_partition"] = records.partitions
        return facts

    def _tokenised(self, rows: Sequence[Values], facts: FactsArray, clock_ms: Callable[[], int]) -> list[list[bytes]]:
        """Tokens and bodies of transactions; completes their facts."""
        if not rows:
            return [[], []]
        columns: list[Sequence[Any]] = list(zip(*rows, strict=True))
        time = self._at["event_time"]
        tokens, digests = self._token.all(columns[self._card])
        columns[self._card] = tokens
        columns[time] = all_canonical(columns[time], facts["event_ms"].tolist())
        bodies = self._completion.bodies(columns, digests, facts)
        facts["gated_ms"] = clock_ms()
        return [list(map(str.encode, tokens)), bodies]


def _spread(values: list[bytes], rows: Sequence[int], size: int) -> list[bytes]:
    """`values` at `rows` of a column of `size`, empty elsewhere."""
    found = [b""] * size
    for row, value in zip(rows, values, strict=True):
        found[row] = value
    return found


def open_gate(key_file: Path, max_message_bytes: int, max_age_days: int | None) -> Gate:
    """The gate for the transaction contract with the key of `key_file`. Raises KeyFileError."""
    contract = reader.load("transactions")
    limits = bounds(contract, max_message_bytes, max_age_days)
    return Gate(contract, limits, reader.currencies(), Tokeniser(*load_key(key_file)))
