"""The gate: raw bytes to tokenised transactions, or to quarantine records. The only place that sees a card number."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, NamedTuple
from zlib import crc32

import msgspec
import numpy as np
import orjson
import pyarrow as pa

from contracts import reader
from contracts.reader import Contract
from udfs.arrow_column import ArrowRows, column
from udfs.currency import Rates
from udfs.quarantine import Source, quarantined
from udfs.times import canonical, parse_all_ms
from udfs.tokenisation import load_key, tokeniser
from udfs.transaction_reader import TransactionReader, Values
from udfs.validation import Bounds, diagnose

_DAY_MS = 86_400_000
BUCKETS = 4_096
"""Customers, and cards, whose states lie together: a state for each one alone would cost more than what is in it."""
_COLUMNS = (
    ("customer_bucket", "INT", pa.int32()),
    ("card_bucket", "INT", pa.int32()),
    ("customer_id", "STRING", pa.string()),
    ("transaction_id", "STRING", pa.string()),
    ("card_token", "STRING", pa.string()),
    ("event_ms", "BIGINT", pa.int64()),
    ("amount_usd_minor", "BIGINT", pa.int64()),
    ("merchant_id", "STRING", pa.string()),
    ("country", "STRING", pa.string()),
    ("terminal_id", "STRING", pa.string()),
    ("body", "BYTES", pa.binary()),
)
_BESIDE = (
    ("problem", "BYTES", pa.binary()),
    ("source_partition", "INT", pa.int32()),
    ("source_offset", "BIGINT", pa.int64()),
    ("ingested_ms", "BIGINT", pa.int64()),
    ("gated_ms", "BIGINT", pa.int64()),
)
RESULT_TYPE = "ROW<" + ", ".join(f"{name} {kind}" for name, kind, _ in (*_COLUMNS, *_BESIDE)) + ">"


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

    def __init__(
        self, contract: Contract, limits: Bounds, currencies: dict[str, Any], token: Callable[[str], str]
    ) -> None:
        self._contract = contract
        self._limits = limits
        self._currencies = currencies
        self._reader = TransactionReader(contract, currencies, limits)
        self._rates = Rates(currencies)
        self._token = token
        self._at = {name: number for number, name in enumerate(contract.names())}
        self._card = next(number for number, each in enumerate(contract.fields) if "tokenisedAs" in each.custom)
        behind = [each.custom.get("tokenisedAs", each.name) for each in contract.fields]
        self._tokenised = msgspec.defstruct("tokenised", [(name, Any) for name in behind], gc=False)
        self._encode = msgspec.json.Encoder().encode

    def pass_through(self, records: Records, clock_ms: Callable[[], int]) -> ArrowRows:
        """The columns of RESULT_TYPE: for each record either `problem` is null, or all of the transaction's are."""
        rows = self._quick_look(records)
        problems: list[bytes | None] = [None] * len(rows)
        for number, values in enumerate(rows):
            if values is None:
                rows[number], problems[number] = self._careful_look(records, number)
        passed = [number for number, values in enumerate(rows) if values is not None]
        columns = self._columns([values for values in rows if values is not None])
        arrays = [column(each, kind) for each, (_, _, kind) in zip(columns, _COLUMNS, strict=True)]
        if len(passed) < len(rows):
            at: list[int | None] = [None] * len(rows)
            for position, number in enumerate(passed):
                at[number] = position
            indices = pa.array(at, pa.int64())
            arrays = [each.take(indices) for each in arrays]
        beside: tuple[Sequence[Any], ...] = (
            problems,
            records.partitions,
            records.offsets,
            records.ingested_ms,
            [clock_ms()] * len(rows),
        )
        return ArrowRows([*arrays, *(column(each, kind) for each, (_, _, kind) in zip(beside, _BESIDE, strict=True))])

    def _quick_look(self, records: Records) -> list[Values | None]:
        decode = self._reader.decode
        rows = [decode(raw or b"") for raw in records.values]
        decoded = [number for number, values in enumerate(rows) if values is not None]
        if decoded:
            ingested = np.array(records.ingested_ms, dtype=np.int64)[decoded]
            for position in self._reader.refused([values for values in rows if values is not None], ingested):
                rows[decoded[position]] = None
        return rows

    def _careful_look(self, records: Records, number: int) -> tuple[Values | None, bytes | None]:
        """The values of a record whose only fault is to have fields that the contract does not know, or the problem."""
        raw = records.values[number] or b""
        diagnosis = diagnose(raw, records.ingested_ms[number], self._contract, self._currencies, self._limits)
        if diagnosis.problem is not None:
            return None, quarantined(diagnosis.problem, diagnosis.readable, "gate", records.source(number), raw)
        content = orjson.loads(raw)
        return tuple(content.get(name) for name in self._contract.names()), None

    def _columns(self, rows: Sequence[Values]) -> list[Sequence[Any]]:
        """The transactions behind the gate, column by column as in _COLUMNS."""
        if not rows:
            return [[] for _ in _COLUMNS]
        columns: list[Sequence[Any]] = list(zip(*rows, strict=True))
        moments = parse_all_ms(columns[self._at["event_time"]]).tolist()
        amounts = columns[self._at["amount_minor"]]
        usd = list(map(self._rates.usd_minor, amounts, columns[self._at["currency"]], moments))
        tokens = list(map(self._token, columns[self._card]))
        columns[self._card] = tokens
        columns[self._at["event_time"]] = list(map(canonical, columns[self._at["event_time"]], moments))
        bodies = list(map(self._encode, map(self._tokenised, *columns)))
        made: dict[str, Sequence[Any]] = {
            "customer_bucket": _buckets(columns[self._at["customer_id"]]),
            "card_bucket": _buckets(tokens),
            "card_token": tokens,
            "event_ms": moments,
            "amount_usd_minor": usd,
            "body": bodies,
        }
        return [made[name] if name in made else columns[self._at[name]] for name, _, _ in _COLUMNS]


def _buckets(texts: Sequence[str]) -> list[int]:
    return [crc32(text.encode()) % BUCKETS for text in texts]


def open_gate(key_file: Path, max_message_bytes: int, max_age_days: int | None) -> Gate:
    """The gate for the transaction contract with the key of `key_file`. Raises KeyFileError."""
    contract = reader.load("transactions")
    limits = bounds(contract, max_message_bytes, max_age_days)
    return Gate(contract, limits, reader.currencies(), tokeniser(*load_key(key_file)))
