"""While there are no keys: decided on the transaction alone, saying so, with nothing that follows from the card."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import orjson

from contracts import reader
from tests.udfs.rules.files import loaded, rule, version
from tests.udfs.split import split
from tests.udfs.test_gate import ASIDE, CONTRACT, LIMITS, RULES
from tests.udfs.transactions import CARD, NOW_MS, message
from udfs.alone import Alone
from udfs.contract_json import decoder
from udfs.decide import DECIDED, Topics
from udfs.facts import GATED
from udfs.gate import Aside, Gate, Records
from udfs.rules.log import RuleLog

GATE = Gate(CONTRACT, LIMITS, reader.currencies(), lambda _: None, ASIDE)


def rows(*values: bytes) -> list[dict[str, Any]]:
    count = len(values)
    records = Records("transactions", values, [3] * count, list(range(7, 7 + count)), [NOW_MS] * count)
    return [split(each, GATED) for each in GATE.pass_through(records, lambda: NOW_MS + 7).records()]


def said(row: dict[str, Any]) -> dict[str, Any]:
    return split(row["aside"], DECIDED)


def test_a_decision_says_that_it_has_no_history() -> None:
    (row,) = rows(message())
    assert (row["card_token"], row["body"], row["problem"]) == (None, None, None)
    aside = said(row)
    decision = orjson.loads(aside["record"])
    assert (aside["topic"], aside["key"], aside["alert"]) == (b"decisions", b"degraded_3-7", None)
    others = {"customer_features", "terminal_features", "device_features"}
    assert set(decision) == set(reader.load("decisions").names()) - others
    assert (decision["card_token"], decision["degraded"], decision["features"]) == ("degraded_3-7", "keys_away", [])
    assert (decision["outcome"], decision["source_offset"]) == ("approve", 7)
    assert decoder(reader.load("decisions"))(aside["record"])["degraded"] == "keys_away"


def test_high_value_is_examined_all_the_same() -> None:
    (row,) = rows(message(amount_minor=80_001))
    decision, alert = orjson.loads(said(row)["record"]), orjson.loads(said(row)["alert"])
    assert [each["rule"] for each in decision["reasons"]] == ["high_value"]
    assert (alert["decision_id"], alert["card_token"]) == (decision["decision_id"], "degraded_3-7")
    assert alert["text"].endswith("Decided without the card's history, since the token keys were away.")


def test_no_rule_that_needs_a_history_is_asked() -> None:
    """`first_use_online` would fire for whatever comes."""
    (row,) = rows(message(amount_minor=58_001, channel="online"))
    assert orjson.loads(said(row)["record"])["reasons"] == []
    names = {rule.rule.id for version in RULES.of_transaction_alone().versions for rule in version.rules}
    assert names == {"high_value", "magstripe_cash", "transfer_record"}
    assert len(RULES.versions[0].rules) == 2


def test_nothing_follows_from_the_card() -> None:
    one, other = (rows(message(card_number=card)) for card in (CARD, "4000000000000002"))
    assert one == other
    assert CARD.encode() not in b"".join(part for part in one[0].values() if part)


def test_each_message_has_a_decision_of_its_own_and_the_same_when_repeated() -> None:
    one, other = (orjson.loads(said(row)["record"])["decision_id"] for row in rows(message(), message()))
    assert one != other
    assert orjson.loads(said(rows(message())[0])["record"])["decision_id"] == one


def test_what_is_bad_is_held_back_as_ever() -> None:
    good, bad = rows(message(), b"{")
    assert (good["problem"], bad["aside"]) == (None, None)
    assert orjson.loads(bad["problem"])["reason"] == "not_json"


def test_a_sentence_may_speak_of_a_history_that_is_not_known(tmp_path: Path) -> None:
    text = "{amount_usd}; {device.customers_24h} customers, {device.since_last}."
    rules = RuleLog(loaded(tmp_path, version(1, "2020-01-01T00:00:00Z", rule(text=text))))
    alone = Alone(rules, Topics("transactions", "decisions", "duplicates", "quarantine"))
    gate = Gate(CONTRACT, LIMITS, reader.currencies(), lambda _: None, Aside("token_vault", alone), rules.entities)
    gated = gate.pass_through(Records("t", [message(device_id="d-1")], [3], [7], [NOW_MS]), lambda: NOW_MS)
    decision = orjson.loads(said(split(gated.records()[0], GATED))["record"])
    assert decision["reasons"][0]["text"].startswith("123.45 USD; 0 customers, ")
    assert "device_features" not in decision
