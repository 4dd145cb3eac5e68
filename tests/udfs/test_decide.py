from __future__ import annotations

from typing import Any

import numpy as np
import orjson

from contracts import reader
from sluice.settings import PROJECT_ROOT, FraudDetection
from tests.udfs.split import split
from tests.udfs.transactions import GOOD, NOW_MS
from udfs.decide import DECIDED, Batch, Decider, Topics
from udfs.facts import EARLIER, FACTS, digests, layout
from udfs.parts import Packed
from udfs.rules.file import load
from udfs.rules.log import RuleLog

NAMES = reader.card_feature_names()
RULES = RuleLog(load(FraudDetection().rules))
DECIDER = Decider(RULES, Topics("transactions", "decision", "duplicate", "quarantine"))
TOKEN = b"k1_ab"
ENTITIES = PROJECT_ROOT / "jobs" / "fraud_detection" / "rules" / "entities.yaml"
SENT = GOOD | {"card_token": TOKEN.decode()}
BODY = {name: SENT.get(name) for name in reader.load("decisions").names()[: len(reader.load("transactions").names())]}


def decide(*cases: dict[str, Any]) -> list[dict[str, Any]]:
    """Each case may set transaction fields, `count_10s`, `usd` and `conflict`; returns all outputs of each."""
    bodies = [orjson.dumps(BODY | {name: case[name] for name in BODY if name in case}) for case in cases]
    facts = np.zeros(len(cases), FACTS)
    facts["content"] = digests(bodies)
    facts["event_ms"], facts["ingested_ms"], facts["gated_ms"] = NOW_MS - 500, NOW_MS, NOW_MS + 3
    facts["amount_usd_minor"] = [case.get("usd", 100) for case in cases]
    facts["source_partition"], facts["source_offset"] = 1, range(10, 10 + len(cases))
    earlier, profiles = [], []
    for case in cases:
        features = np.zeros(len(NAMES), dtype="<i8")
        features[NAMES.index("count_10s")] = case.get("count_10s", 1)
        is_first = "conflict" not in case
        earlier.append(None if is_first else np.array([(case["conflict"], 1, 5)], EARLIER).tobytes())
        profiles.append(np.int64(NOW_MS + 7).tobytes() + (features.tobytes() if is_first else b""))
    none = [b""] * len(cases)
    gated = Packed(([TOKEN] * len(cases), bodies, none, none), facts).records()
    decided = DECIDER.decide(Batch(gated, earlier, [profiles]), NOW_MS + 20).records()
    return [_outputs(split(each, DECIDED)) for each in decided]


def _outputs(parts: dict[str, bytes | None]) -> dict[str, Any]:
    topic, record = parts["topic"], parts["record"]
    assert topic
    assert record
    assert parts["key"] == TOKEN
    none = dict.fromkeys(("decision", "alert", "duplicate", "quarantine"))
    return none | {topic.decode(): orjson.loads(record), "alert": parts["alert"] and orjson.loads(parts["alert"])}


def test_an_ordinary_transaction_is_approved_without_an_alert() -> None:
    (output,) = decide({})
    decision = output.pop("decision")
    assert output == {"alert": None, "duplicate": None, "quarantine": None}
    absent = {"degraded", *(f"{each}_features" for each in reader.ENTITIES)}
    assert tuple(decision) == tuple(name for name in reader.load("decisions").names() if name not in absent)
    assert (decision["outcome"], decision["reasons"], decision["rules_version"]) == ("approve", [], 1)
    assert decision["features"][NAMES.index("count_10s")] == 1
    assert decision["latency_ms"] == {"gate": 3, "history": 4, "decide": 13}
    assert decision["ingested_at"] == "2026-02-02T02:40:00.000Z"
    assert (decision["source_partition"], decision["source_offset"]) == (1, 10)


def test_a_finding_is_told_in_words_with_its_values() -> None:
    (output,) = decide({"amount_minor": 135_000, "currency": "JPY", "usd": 89_100})
    (reason,) = output["decision"]["reasons"]
    assert reason["text"] == "Amount of 135,000 JPY is worth 891.00 USD, above the limit of 800.00 USD."
    assert reason["values"] == {"amount_usd_minor": 89_100}
    assert (reason["rule"], reason["version"]) == ("high_value", 1)
    alert = output["alert"]
    assert set(alert) == set(reader.load("alerts").required())
    assert alert["decision_id"] == output["decision"]["decision_id"]
    assert (alert["outcome"], alert["severity"], alert["text"]) == ("review", "medium", reason["text"])
    assert alert["decided_at"] == "2026-02-02T02:40:00.020Z"


def test_both_rules_block() -> None:
    (output,) = decide({"usd": 80_001, "count_10s": 4})
    assert output["decision"]["outcome"] == "block"
    assert output["alert"]["rules"] == ["high_value", "card_velocity"]
    assert "4 transactions of this card within 10 s; up to 3 are normal." in output["alert"]["text"]


def test_ids_come_from_the_content_alone() -> None:
    first, again, other = decide({"usd": 90_000}, {"usd": 90_000}, {"usd": 90_000, "merchant_id": "m-2"})
    assert first["decision"]["decision_id"] == again["decision"]["decision_id"] != other["decision"]["decision_id"]
    assert first["alert"]["alert_id"] == again["alert"]["alert_id"] != other["alert"]["alert_id"]


def test_repeats_and_conflicts_are_not_decided() -> None:
    first, repeat, conflict = decide({}, {"conflict": 0}, {"conflict": 1, "amount_minor": 7})
    assert first["decision"] is not None
    assert [repeat["decision"], conflict["decision"]] == [None, None]
    duplicate = repeat["duplicate"]
    assert tuple(duplicate) == reader.load("duplicates").names()
    assert (duplicate["source_offset"], duplicate["first_offset"]) == (11, 5)
    held = conflict["quarantine"]
    assert (held["reason"], held["step"], held["field"]) == ("conflict", "history", "transaction_id")
    assert (held["amount_minor"], held["source_offset"]) == (7, 12)
    assert "transactions/1/5" in held["message"]


def test_a_decision_tells_of_each_history_that_the_rules_look_at() -> None:
    rules = RuleLog(load(ENTITIES))
    assert rules.entities == reader.ENTITIES
    profiles = {each: np.full(1 + len(NAMES), number, "<i8") for number, each in enumerate(reader.ENTITIES, 1)}
    profiles["device"][1 + reader.feature_names("device").index("customers_24h")] = 5
    facts = np.zeros(1, layout(rules.entities))
    facts["amount_usd_minor"] = 80_001
    gated = Packed(([TOKEN], [orjson.dumps(BODY)], [b""], [b""]), facts).records()
    decider = Decider(rules, Topics("transactions", "decision", "duplicate", "quarantine"))
    columns = [[each.tobytes()] for each in profiles.values()]
    (output,) = (split(each, DECIDED) for each in decider.decide(Batch(gated, [None], columns), 9).records())
    decision = orjson.loads(output["record"] or b"")
    assert decision["features"] == [1] * len(NAMES)
    assert (decision["customer_features"], decision["terminal_features"]) == ([2] * len(NAMES), [3] * len(NAMES))
    assert (decision["device_features"].count(5), decision["outcome"]) == (1, "block")
    (_, why) = decision["reasons"]
    assert why["values"] == {"device_customers_24h": 5}
    assert why["text"].startswith("One device served 5 customers and 4 cards")
