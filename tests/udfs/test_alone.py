"""While there are no keys: decided on the transaction alone, saying so, with nothing that follows from the card."""

from __future__ import annotations

from typing import Any

import orjson

from contracts import reader
from tests.udfs.split import split
from tests.udfs.test_gate import ASIDE, CONTRACT, LIMITS, RULES
from tests.udfs.transactions import CARD, NOW_MS, message
from udfs.contract_json import decoder
from udfs.decide import DECIDED
from udfs.facts import GATED
from udfs.gate import Gate, Records

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
    assert tuple(decision) == reader.load("decisions").names() or set(decision) == set(reader.load("decisions").names())
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
