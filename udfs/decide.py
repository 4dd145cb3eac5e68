"""Decides on batches of transactions with their card history, and writes each record for its topic as JSON."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Any

import numpy as np
import numpy.typing as npt
import orjson
import pyarrow as pa

from contracts import reader
from udfs.arrow_column import ArrowRows, column
from udfs.quarantine import Source, quarantined
from udfs.rules import Int64Array, RuleLog, Verdict, Version, fired, verdict
from udfs.times import iso_ms
from udfs.validation import Problem
from udfs.wording import Wording

FIRST, REPEAT, CONFLICT = 0, 1, 2
_OUTPUTS = ("decision", "alert", "duplicate", "quarantine")
RESULT_TYPE = "ROW<" + ", ".join(f"{name} BYTES" for name in _OUTPUTS) + ">"
_ID_CHARACTERS = 32


@dataclass(frozen=True)
class Batch:
    """Columns of equal length from the history kernel; times are ms since 1970.

    `status` is FIRST, REPEAT or CONFLICT; `features` is null unless it is FIRST.
    """

    body: list[bytes]
    features: list[bytes | None]
    status: Int64Array
    event_ms: Int64Array
    amount_usd_minor: Int64Array
    source_partition: Int64Array
    source_offset: Int64Array
    first_partition: Int64Array
    first_offset: Int64Array
    ingested_ms: Int64Array
    gated_ms: Int64Array
    profiled_ms: Int64Array

    def take(self, rows: npt.NDArray[np.intp]) -> Batch:
        def part(values: Any) -> Any:
            return values[rows] if isinstance(values, np.ndarray) else [values[row] for row in rows.tolist()]

        return Batch(**{each.name: part(getattr(self, each.name)) for each in fields(self)})


class Decider:
    """Turns a batch into decisions, alerts, duplicates and quarantine records."""

    def __init__(self, rules: RuleLog, topic: str) -> None:
        self._rules = rules
        self._topic = topic
        self._names = reader.card_feature_names()
        self._wording = Wording(reader.load("card_features"), reader.currencies())
        self._approved = [
            b',"outcome":"approve","reasons":[],"rules_version":%d' % each.version for each in rules.versions
        ]

    def decide(self, batch: Batch, decided_ms: int) -> ArrowRows:
        """The columns of RESULT_TYPE: for each row a decision (and its alert), a duplicate or a quarantine record."""
        size = len(batch.body)
        outputs: dict[str, list[bytes | None]] = {name: [None] * size for name in _OUTPUTS}
        first = np.flatnonzero(batch.status == FIRST)
        decisions, alerts = self._decided(batch if len(first) == size else batch.take(first), decided_ms)
        for row, decision, alert in zip(first.tolist(), decisions, alerts, strict=True):
            outputs["decision"][row] = decision
            outputs["alert"][row] = alert
        for row in np.flatnonzero(batch.status == REPEAT).tolist():
            outputs["duplicate"][row] = self._duplicate(batch, row)
        for row in np.flatnonzero(batch.status == CONFLICT).tolist():
            outputs["quarantine"][row] = self._conflict(batch, row)
        return ArrowRows([column(outputs[name], pa.binary()) for name in _OUTPUTS])

    def _decided(self, batch: Batch, decided_ms: int) -> tuple[list[bytes], list[bytes | None]]:
        size = len(batch.body)
        if not size:
            return [], []
        matrix = np.frombuffer(b"".join(each or b"" for each in batch.features), "<i8").reshape(size, len(self._names))
        values = dict(zip(self._names, matrix.T, strict=True)) | {"amount_usd_minor": batch.amount_usd_minor}
        holding = self._rules.holding(batch.event_ms)
        found = self._findings(values, holding)
        versions = holding.tolist()
        middles = [self._approved[index] for index in versions]
        ids = [
            _decision_id(body, self._rules.versions[index]) for body, index in zip(batch.body, versions, strict=True)
        ]
        alerts: list[bytes | None] = [None] * size
        for row, (version, verdict_) in found.items():
            middles[row], alerts[row] = self._explained(batch, row, ids[row], version, verdict_, values, decided_ms)
        return list(map(_decision, batch.body, ids, middles, _tails(batch, matrix, decided_ms))), alerts

    def _findings(
        self, values: Mapping[str, Int64Array], holding: npt.NDArray[np.intp]
    ) -> dict[int, tuple[Version, Verdict]]:
        """Row number to version and verdict, for the rows where a rule fired."""
        found = {}
        for index in np.unique(holding).tolist():
            version = self._rules.versions[index]
            hits = np.stack(fired(version, values)) & (holding == index)
            for row in np.flatnonzero(hits.any(axis=0)).tolist():
                found[row] = (version, verdict(version, hits[:, row].tolist()))
        return found

    def _explained(
        self,
        batch: Batch,
        row: int,
        decision_id: str,
        version: Version,
        verdict_: Verdict,
        values: Mapping[str, Int64Array],
        decided_ms: int,
    ) -> tuple[bytes, bytes]:
        """The outcome part of the decision, and the alert."""
        transaction = orjson.loads(batch.body[row])
        reasons = [
            self._wording.reason(rule, version, int(values[rule.when.value][row]), transaction)
            for rule in verdict_.fired
        ]
        middle = b',"outcome":"%b","reasons":%b,"rules_version":%d' % (
            verdict_.outcome.encode(),
            orjson.dumps(reasons),
            version.version,
        )
        rules = [rule.id for rule in verdict_.fired]
        alert = {
            "alert_id": hashlib.sha256(f"{decision_id} {' '.join(rules)}".encode()).hexdigest()[:_ID_CHARACTERS],
            "decision_id": decision_id,
            **{name: transaction[name] for name in _ALERT_COPIES},
            "amount_usd_minor": int(batch.amount_usd_minor[row]),
            "outcome": verdict_.outcome,
            "severity": verdict_.severity,
            "rules": rules,
            "text": " ".join(reason["text"] for reason in reasons),
            "ingested_at": iso_ms(int(batch.ingested_ms[row])),
            "decided_at": iso_ms(decided_ms),
        }
        return middle, orjson.dumps(alert)

    def _source(self, batch: Batch, row: int) -> Source:
        return Source(
            self._topic, int(batch.source_partition[row]), int(batch.source_offset[row]), int(batch.ingested_ms[row])
        )

    def _duplicate(self, batch: Batch, row: int) -> bytes:
        transaction = orjson.loads(batch.body[row])
        source = self._source(batch, row)
        return orjson.dumps(
            {
                "duplicate_id": f"{source.topic}-{source.partition}-{source.offset}",
                **{name: transaction[name] for name in _DUPLICATE_COPIES},
                "source_partition": source.partition,
                "source_offset": source.offset,
                "first_partition": int(batch.first_partition[row]),
                "first_offset": int(batch.first_offset[row]),
                "ingested_at": iso_ms(source.ingested_ms),
            }
        )

    def _conflict(self, batch: Batch, row: int) -> bytes:
        first = f"{self._topic}/{batch.first_partition[row]}/{batch.first_offset[row]}"
        problem = Problem(
            "conflict",
            "transaction_id",
            f"transaction_id was used before, with another content, at {first}; send a new id",
        )
        body = batch.body[row]
        return quarantined(problem, orjson.loads(body), "history", self._source(batch, row), body)


_TRANSACTION = set(reader.load("transactions").names()) | {"card_token"}
_ALERT_COPIES = tuple(name for name in reader.load("alerts").names() if name in _TRANSACTION)
_DUPLICATE_COPIES = tuple(name for name in reader.load("duplicates").names() if name in _TRANSACTION)


def _decision_id(body: bytes, version: Version) -> str:
    return hashlib.sha256(b"%b v%d" % (body, version.version)).hexdigest()[:_ID_CHARACTERS]


def _decision(body: bytes, decision_id: str, outcome: bytes, tail: bytes) -> bytes:
    return b'%b,"decision_id":"%b"%b%b' % (body[:-1], decision_id.encode(), outcome, tail)


def _tails(batch: Batch, matrix: npt.NDArray[np.int64], decided_ms: int) -> list[bytes]:
    """What stands behind the outcome in each decision: features, source and latency."""
    features = orjson.dumps(np.ascontiguousarray(matrix), option=orjson.OPT_SERIALIZE_NUMPY)[2:-2].split(b"],[")
    ingested = {moment: iso_ms(moment).encode() for moment in np.unique(batch.ingested_ms).tolist()}
    return [
        b',"amount_usd_minor":%d,"features":[%b],"source_partition":%d,"source_offset":%d,"ingested_at":"%b",'
        b'"latency_ms":{"gate":%d,"history":%d,"decide":%d}}'
        % (amount, each, partition, offset, ingested[moment], gate, history, decide)
        for amount, each, partition, offset, moment, gate, history, decide in zip(
            batch.amount_usd_minor.tolist(),
            features,
            batch.source_partition.tolist(),
            batch.source_offset.tolist(),
            batch.ingested_ms.tolist(),
            (batch.gated_ms - batch.ingested_ms).tolist(),
            (batch.profiled_ms - batch.gated_ms).tolist(),
            (decided_ms - batch.profiled_ms).tolist(),
            strict=True,
        )
    ]
