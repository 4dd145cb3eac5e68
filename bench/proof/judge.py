"""What the oracle expects of each place, in the words of the contracts, and what was found there."""

from __future__ import annotations

import hmac
import json
from collections.abc import Callable, Iterable, Sequence
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, NamedTuple

import orjson

from contracts import reader
from sluice.kafka import Record
from tests.oracle import Answer, Decision
from tests.oracle.patterns import Act, matches
from tests.oracle.references import enrichment
from tests.oracle.validation import EPOCH

OPTIONAL = tuple(each.name for each in reader.load("transactions").fields if not each.required)
ABSENT = ("degraded", *(f"{each}_features" for each in reader.ENTITIES if each != "card"))
"""What a decision has only in some settings, which none of the oracle's logs is decided with."""
At = tuple[int, int]
Facts = dict[str, Any]


def tokeniser(key_file: Path) -> Callable[[str], str]:
    """HMAC by the standard library, from the first key of the job's; files of earlier releases hold one by itself."""
    content = json.loads(key_file.read_text(encoding="utf-8"))
    content = content.get("keys", [content])[0]
    key = bytes.fromhex(content["key"])
    return lambda number: f"{content['kid']}_{hmac.digest(key, number.encode(), 'sha256').hex()}"


def _transaction(decision: Decision, token: Callable[[str], str]) -> Facts:
    fields: Facts = dict.fromkeys(OPTIONAL) | decision.transaction
    number = fields.pop("card_number")
    return fields | {"card_token": token(number)}


def expected_decisions(answer: Answer, token: Callable[[str], str]) -> dict[At, Facts]:
    return {
        each.at: _transaction(each, token)
        | {
            "outcome": each.outcome,
            "rules": list(each.rules),
            "amount_usd_minor": each.amount_usd_minor,
            "features": list(each.features),
        }
        | dict.fromkeys(ABSENT)
        for each in answer.decisions
    }


def found_decisions(rows: Iterable[Facts]) -> dict[At, Facts]:
    """Rows of the contract `decisions`, without what the oracle can't know: ids and clocks."""
    unknown = {
        "decision_id",
        "reasons",
        "rules_version",
        "ingested_at",
        "latency_ms",
        "source_partition",
        "source_offset",
    }
    return {
        (row["source_partition"], row["source_offset"]): dict.fromkeys(ABSENT)
        | {name: each for name, each in row.items() if name not in unknown}
        | {"rules": [reason["rule"] for reason in row["reasons"]]}
        for row in rows
    }


def expected_enriched(answer: Answer, token: Callable[[str], str]) -> dict[At, Facts]:
    """The decisions where no reference was told of: with the defaults."""
    return {at: facts | enrichment(facts, {}) for at, facts in expected_decisions(answer, token).items()}


def found_enriched(rows: Iterable[Facts]) -> dict[At, Facts]:
    """Rows of the contract `enriched_decisions`, without what the oracle can't know."""
    return found_decisions({name: each for name, each in row.items() if name != "enriched_at"} for row in rows)


class Alert(NamedTuple):
    """`matched` are the ids of the transactions, then of the events, that a pattern tells of; a rule tells of none."""

    transaction_id: str
    card_token: str
    outcome: str
    rules: tuple[str, ...]
    matched: tuple[str, ...] = ()


def expected_alerts(answer: Answer, token: Callable[[str], str]) -> set[Alert]:
    """Those of the rules."""
    return {_alert(each, token, each.outcome, each.rules) for each in answer.alerts}


def expected_matches(
    answer: Answer,
    token: Callable[[str], str],
    at_terminals: Sequence[At] | None = None,
    by_customers: Sequence[At | Act] = (),
) -> set[Alert]:
    """Those of the patterns; `at_terminals` and `by_customers` as `matches` has them."""
    decisions = {each.at: each for each in answer.decisions}
    found = set()
    for name, places in matches(answer.decisions, at_terminals, by_customers):
        decided = [decisions[each] for each in places if not isinstance(each, str)]
        ids = (each.transaction["transaction_id"] for each in decided)
        events = (each for each in places if isinstance(each, str))
        found.add(_alert(decided[-1], token, "review", (name,))._replace(matched=(*ids, *events)))
    return found


def _alert(of: Decision, token: Callable[[str], str], outcome: str, rules: tuple[str, ...]) -> Alert:
    return Alert(of.transaction["transaction_id"], token(of.transaction["card_number"]), outcome, rules)


def order_at_terminals(uses: Iterable[Facts], decisions: Iterable[Facts]) -> list[At]:
    """The places of transactions in the order of `terminal_uses`, which knows them by their decisions; no repeats."""
    places = {row["decision_id"]: (row["source_partition"], row["source_offset"]) for row in decisions}
    return list(dict.fromkeys(places[row["decision_id"]] for row in uses))


def _ms(moment: str) -> int:
    return (datetime.fromisoformat(moment) - EPOCH) // timedelta(milliseconds=1)


def order_by_customers(done: Iterable[Facts], decisions: Iterable[Facts]) -> list[At | Act]:
    """What stands in `customer_activity`, which knows transfers by their decisions; with repeats."""
    places = {row["decision_id"]: (row["source_partition"], row["source_offset"]) for row in decisions}
    return [
        Act(row["event_id"], _ms(row["event_time"]), row["kind"], row["customer_id"])
        if "event_id" in row
        else places[row["decision_id"]]
        for row in done
    ]


def found_alerts(rows: Iterable[Facts]) -> set[Alert]:
    return {
        Alert(
            row["transaction_id"],
            row["card_token"],
            row["outcome"],
            tuple(row["rules"]),
            (
                *(each["transaction_id"] for each in row.get("transactions") or ()),
                *(each["event_id"] for each in row.get("customer_events") or ()),
            ),
        )
        for row in rows
    }


def expected_quarantine(answer: Answer) -> dict[At, tuple[str, str | None, str]]:
    return {each.at: (each.reason, each.field, each.step) for each in answer.quarantined}


def found_quarantine(rows: Iterable[Facts]) -> dict[At, tuple[str, str | None, str]]:
    return {(row["source_partition"], row["source_offset"]): (row["reason"], row["field"], row["step"]) for row in rows}


def expected_duplicates(answer: Answer) -> dict[At, At]:
    return {each.at: each.first for each in answer.duplicates}


def found_duplicates(rows: Iterable[Facts]) -> dict[At, At]:
    return {
        (row["source_partition"], row["source_offset"]): (row["first_partition"], row["first_offset"]) for row in rows
    }


def once(records: Iterable[Record], key: str) -> list[Facts]:
    """The values of an at-least-once topic, each id once."""
    return list({row[key]: row for row in (orjson.loads(record.value) for record in records)}.values())
