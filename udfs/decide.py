"""Decides on batches of transactions with their card history, and writes each record for its topic as JSON."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
import orjson

from contracts import reader
from udfs import parts
from udfs.facts import EARLIER, FACTS, FactsArray, Transactions, unpacked
from udfs.findings import Explainer, Facts, findings
from udfs.quarantine import Source, quarantined
from udfs.rules.log import ActiveVersion, Int64Array, RuleLog, Verdict
from udfs.times import iso_ms
from udfs.validation import Problem

DECIDED = ("topic", "key", "record", "alert")
"""The parts of what is said of a transaction: a record with its key for one of the topics, an alert or nothing."""
_ID_CHARACTERS = 32
_CONTENT_BYTES = FACTS["content"].itemsize


class Topics(NamedTuple):
    """Names of the topic that transactions came from, and of those that the records go to."""

    transactions: str
    decisions: str
    duplicates: str
    quarantine: str


class Batch(NamedTuple):
    """Columns of equal length from the history kernel.

    `gated` are packed records of facts.GATED; `earlier` is null or one packed EARLIER; `profiles` has for each of the
    rules' entities a column of int64: the wall clock of the history step in ms since 1970, then, where `earlier` is
    null, the features.
    """

    gated: Sequence[bytes]
    earlier: Sequence[bytes | None]
    profiles: Sequence[Sequence[bytes]]


class First(NamedTuple):
    """The transactions of a batch that are the first with their id."""

    body: Sequence[bytes]
    facts: FactsArray
    profiled_ms: Int64Array
    features: Mapping[str, Int64Array]


class Decider:
    """Turns a batch into decisions, alerts, duplicates and quarantine records."""

    def __init__(self, rules: RuleLog, topics: Topics) -> None:
        self._rules = rules
        self._topics = topics
        self._decisions = topics.decisions.encode()
        self._explainer = Explainer()
        self._suffixes = [b"-%d" % each.number for each in rules.versions]
        self._approved = [
            b',"outcome":"approve","reasons":[],"rules_version":%d' % each.number for each in rules.versions
        ]

    def decide(self, batch: Batch, decided_ms: int) -> parts.Packed:
        """One record of DECIDED for each row: it is a decision, which may have an alert, or says what it is."""
        size = len(batch.gated)
        topics, records, alerts = [self._decisions] * size, [b""] * size, [b""] * size
        transactions = unpacked(batch.gated)
        first = [row for row, earlier in enumerate(batch.earlier) if earlier is None]
        if first:
            of_first = _first(transactions, dict(zip(self._rules.entities, batch.profiles, strict=True)), first)
            decisions = self.decided(of_first, _texts(of_first.features), decided_ms)
            for row, record, alert in zip(first, *decisions, strict=True):
                records[row], alerts[row] = record, alert
        for row, earlier in enumerate(batch.earlier):
            if earlier is not None:
                topic, records[row] = self._repeated(transactions, row, earlier)
                topics[row] = topic.encode()
        return parts.Packed((topics, transactions.card_token, records, alerts))

    def decided(self, first: First, features: Sequence[bytes], decided_ms: int) -> tuple[list[bytes], list[bytes]]:
        """Decisions, and for each an alert or nothing.

        `features` are the JSON of the card's array and of those that stand behind it, without the outer brackets.
        """
        facts = Facts(first.body, first.facts["amount_usd_minor"], first.features)
        holding = self._rules.holding(first.facts["event_ms"])
        versions = holding.tolist()
        middles = [self._approved[index] for index in versions]
        ids = _decision_ids(first.facts["content"], [self._suffixes[index] for index in versions])
        alerts = [b""] * len(ids)
        for row, (version, verdict) in findings(self._rules, facts, holding).items():
            middles[row], alerts[row] = self._explained(first, row, ids[row], version, verdict, facts, decided_ms)
        return _decisions(first, ids, middles, features, decided_ms), alerts

    def _explained(
        self,
        first: First,
        row: int,
        decision_id: bytes,
        version: ActiveVersion,
        verdict: Verdict,
        facts: Facts,
        decided_ms: int,
    ) -> tuple[bytes, bytes]:
        """The outcome part of the decision, and the alert."""
        transaction = facts.transaction(row)
        reasons = [self._explainer.reason(each, version.number, facts, row) for each in verdict.fired]
        middle = b',"outcome":"%b","reasons":%b,"rules_version":%d' % (
            verdict.outcome.encode(),
            orjson.dumps(reasons),
            version.number,
        )
        rules = [each.rule.id for each in verdict.fired]
        alert = {
            "alert_id": hashlib.sha256(b"%b %b" % (decision_id, " ".join(rules).encode())).hexdigest()[:_ID_CHARACTERS],
            "decision_id": decision_id.decode(),
            **{name: transaction[name] for name in _ALERT_COPIES},
            "amount_usd_minor": int(first.facts["amount_usd_minor"][row]),
            "outcome": verdict.outcome,
            "severity": verdict.severity,
            "rules": rules,
            "text": " ".join(reason["text"] for reason in reasons),
            "ingested_at": iso_ms(int(first.facts["ingested_ms"][row])),
            "decided_at": iso_ms(decided_ms),
        }
        return middle, orjson.dumps(alert)

    def _source(self, facts: np.void) -> Source:
        return Source(
            self._topics.transactions,
            int(facts["source_partition"]),
            int(facts["source_offset"]),
            int(facts["ingested_ms"]),
        )

    def _repeated(self, transactions: Transactions, row: int, earlier: bytes) -> tuple[str, bytes]:
        """Topic and record for a transaction whose id was used before."""
        body, facts = transactions.body[row], transactions.facts[row]
        (found,) = np.frombuffer(earlier, EARLIER)
        if found["conflict"]:
            return self._topics.quarantine, self._conflict(body, facts, found)
        return self._topics.duplicates, self._duplicate(body, facts, found)

    def _duplicate(self, body: bytes, facts: np.void, earlier: np.void) -> bytes:
        transaction = orjson.loads(body)
        source = self._source(facts)
        return orjson.dumps(
            {
                "duplicate_id": f"{source.topic}-{source.partition}-{source.offset}",
                **{name: transaction[name] for name in _DUPLICATE_COPIES},
                "source_partition": source.partition,
                "source_offset": source.offset,
                "first_partition": int(earlier["source_partition"]),
                "first_offset": int(earlier["source_offset"]),
                "ingested_at": iso_ms(source.ingested_ms),
            }
        )

    def _conflict(self, body: bytes, facts: np.void, earlier: np.void) -> bytes:
        first = f"{self._topics.transactions}/{earlier['source_partition']}/{earlier['source_offset']}"
        problem = Problem(
            "conflict",
            "transaction_id",
            f"transaction_id was used before, with another content, at {first}; send a new id",
        )
        return quarantined(problem, orjson.loads(body), "history", self._source(facts), body)


_TRANSACTION = set(reader.load("transactions").names()) | {"card_token"}
_ALERT_COPIES = tuple(name for name in reader.load("alerts").names() if name in _TRANSACTION)
_DUPLICATE_COPIES = tuple(name for name in reader.load("duplicates").names() if name in _TRANSACTION)


def _first(transactions: Transactions, profiles: Mapping[str, Sequence[bytes]], rows: list[int]) -> First:
    facts, _, body = transactions
    if len(rows) < len(body):
        facts, body = facts[rows], [body[row] for row in rows]
        profiles = {entity: [profile[row] for row in rows] for entity, profile in profiles.items()}
    numbers = {
        entity: np.frombuffer(b"".join(profile), "<i8").reshape(len(rows), -1) for entity, profile in profiles.items()
    }
    return First(body, facts, numbers["card"][:, 0], {entity: each[:, 1:] for entity, each in numbers.items()})


def _decision_ids(content: npt.NDArray[np.uint64], suffixes: Sequence[bytes]) -> list[bytes]:
    """The digest of the transaction as tokenised, and the version of the rules."""
    digests, width = content.tobytes().hex().encode(), 2 * _CONTENT_BYTES
    return [digests[width * row : width * (row + 1)] + suffix for row, suffix in enumerate(suffixes)]


def _texts(features: Mapping[str, Int64Array]) -> list[bytes]:
    """The card's features, and behind them the arrays of the other entities with their names."""
    card, *others = [_arrays(name, numbers) for name, numbers in features.items()]
    return list(map(b"".join, zip(card, *others, strict=True))) if others else card


def _arrays(entity: str, features: Int64Array) -> list[bytes]:
    """The one of the card begins, so it is not told where it begins; none is told where it ends."""
    rows = orjson.dumps(np.ascontiguousarray(features), option=orjson.OPT_SERIALIZE_NUMPY)[2:-2].split(b"],[")
    return rows if entity == "card" else [b'],"%b_features":[%b' % (entity.encode(), each) for each in rows]


def _decisions(
    first: First, ids: Sequence[bytes], outcomes: Sequence[bytes], features: Sequence[bytes], decided_ms: int
) -> list[bytes]:
    """The transactions as tokenised, each continued by its decision."""
    facts = first.facts
    moments = facts["ingested_ms"].tolist()
    ingested = {moment: iso_ms(moment).encode() for moment in set(moments)}
    return [
        b'%b,"decision_id":"%b"%b,"amount_usd_minor":%d,"features":[%b],"source_partition":%d,"source_offset":%d,"ingested_at":"%b",'
        b'"latency_ms":{"gate":%d,"history":%d,"decide":%d}}'
        % (body[:-1], id_, outcome, amount, each, partition, offset, ingested[moment], gate, history, decide)
        for body, id_, outcome, amount, each, partition, offset, moment, gate, history, decide in zip(
            first.body,
            ids,
            outcomes,
            facts["amount_usd_minor"].tolist(),
            features,
            facts["source_partition"].tolist(),
            facts["source_offset"].tolist(),
            moments,
            (facts["gated_ms"] - facts["ingested_ms"]).tolist(),
            (first.profiled_ms - facts["gated_ms"]).tolist(),
            (decided_ms - first.profiled_ms).tolist(),
            strict=True,
        )
    ]
