from __future__ import annotations

from typing import Any

import numpy as np
import orjson
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from contracts import reader
from sluice.settings import Settings
from tests.udfs.split import split
from tests.udfs.transactions import CARD, GOOD, NOW_MS, message
from udfs.alone import Alone
from udfs.completion import BUCKETS
from udfs.decide import Topics
from udfs.facts import FACTS, GATED, digests, text_hash
from udfs.gate import Aside, Gate, Keys, Records, bounds
from udfs.keys.ring import KeyRing, TokenKey
from udfs.keys.sealed import Sealer
from udfs.keys.tokens import Tokens
from udfs.keys.vault_keys import DataKey
from udfs.rules import file as rules_file
from udfs.rules.log import RuleLog
from udfs.tokenisation import Tokeniser
from udfs.validation import diagnose

CONTRACT = reader.load("transactions")
LIMITS = bounds(CONTRACT, 65_536, None)
TOKEN = Tokeniser("k1", b"k" * 32)
VAULT_KEY = DataKey(b"v" * 32, b"wrapped")
KEYS = Keys(Tokens(KeyRing((TokenKey("k1", b"k" * 32, 0),))), Sealer(VAULT_KEY))
RULES = RuleLog(rules_file.load(Settings().fraud_detection.rules))
ASIDE = Aside("token_vault", Alone(RULES, Topics("transactions", "decisions", "duplicates", "quarantine")))
GATE = Gate(CONTRACT, LIMITS, reader.currencies(), lambda _: KEYS, ASIDE)


def rows(*values: bytes | None) -> list[dict[str, Any]]:
    count = len(values)
    records = Records("transactions", values, [3] * count, list(range(count)), [NOW_MS] * count)
    gated = GATE.pass_through(records, lambda: NOW_MS + 7).records()
    return [split(each, GATED) for each in gated]


def facts(row: dict[str, Any]) -> Any:
    """The facts of a row."""
    return np.frombuffer(row["facts"], FACTS)[0]


def problem(value: bytes | None) -> dict[str, Any]:
    (row,) = rows(value)
    assert row["problem"] is not None
    assert row["body"] is None
    found: dict[str, Any] = orjson.loads(row["problem"])
    return found


def test_a_good_transaction_comes_out_tokenised() -> None:
    (row,) = rows(message())
    body = orjson.loads(row["body"])
    sent = {name: value for name, value in GOOD.items() if name != "card_number"}
    assert {name: value for name, value in body.items() if value is not None or name in sent} == sent | {
        "card_token": TOKEN(CARD)
    }
    assert tuple(body) == reader.load("decisions").names()[: len(body)]
    assert row["card_token"] == TOKEN(CARD).encode()
    assert row["problem"] is None


def test_facts_hold_what_the_kernel_reads() -> None:
    changes: tuple[dict[str, Any], ...] = (
        {},
        {"amount_minor": 1},
        {"transaction_id": "t-2", "merchant_id": "m-2"},
        {"card_number": "4000000000000002"},
    )
    found = [facts(rows(message(**each))[0]) for each in changes]
    first = found[0]
    assert (first["amount_usd_minor"], first["event_ms"]) == (12_345, NOW_MS - 500)
    assert (first["source_partition"], first["source_offset"]) == (3, 0)
    assert (first["ingested_ms"], first["gated_ms"]) == (NOW_MS, NOW_MS + 7)
    assert [each["id"] == first["id"] for each in found] == [True, True, False, True]
    assert [(each["content"] == first["content"]).all() for each in found] == [True, False, False, False]
    assert [each["entity"] == first["entity"] for each in found] == [True, True, True, False]
    same = [(each["categories"] == first["categories"]).tolist() for each in found]
    assert same == [[True] * 3, [True] * 3, [False, True, True], [True] * 3]


def test_ids_count_within_their_customer() -> None:
    (mine,), (its,) = rows(message(customer_id="c-1")), rows(message(customer_id="c-2"))
    assert facts(mine)["id"] != facts(its)["id"]
    assert facts(mine)["customer_bucket"] != facts(its)["customer_bucket"]
    assert facts(mine)["card_bucket"] == facts(its)["card_bucket"]
    assert all(0 <= facts(mine)[name] < BUCKETS for name in ("customer_bucket", "card_bucket"))


def test_each_record_of_a_mixed_batch_has_its_own_outcome() -> None:
    found = rows(
        message(transaction_id="a"), b"{", message(transaction_id="b", new_field=[1]), None, message(transaction_id="c")
    )
    ids = [row["body"] and orjson.loads(row["body"])["transaction_id"] for row in found]
    assert ids == ["a", None, "b", None, "c"]
    assert [facts(each)["source_offset"] for each in found] == [0, 1, 2, 3, 4]
    assert [row["problem"] is None for row in found] == [True, False, True, False, True]
    assert "new_field" not in orjson.loads(found[2]["body"])


@pytest.mark.parametrize(
    ("reason", "field", "value"),
    [
        ("not_json", None, b""),
        ("not_json", None, None),
        ("not_json", None, message()[:-20]),
        ("not_json", None, message().replace(b"m-1", b"m-\xff")),
        ("not_json", None, b"[1]"),
        ("not_json", None, b"[" * 10_000),
        ("not_json", None, message().replace(b"12345", b"NaN")),
        ("not_json", None, message().replace(b"12345", b"4E400")),
        ("too_large", None, message(note="x" * 70_000)),
        ("prohibited_field", "cvv", message(CVV="123")),
        ("prohibited_field", "track2", message(track2="x")),
        ("missing_field", "currency", message(currency=...)),
        ("missing_field", "customer_id", message(customer_id=None)),
        ("wrong_type", "amount_minor", message(amount_minor="100")),
        ("wrong_type", "amount_minor", message(amount_minor=True)),
        ("wrong_type", "merchant_id", message(merchant_id=7)),
        ("wrong_type", "country", message(country={"code": "US"})),
        ("too_many_decimals", "amount_minor", message(amount_minor=12.5)),
        ("too_many_decimals", "amount_minor", message(amount_minor=12.0)),
        ("out_of_range", "amount_minor", message().replace(b":12345", b":18446446744073709551615")),
        ("out_of_range", "amount_minor", message().replace(b":12345", b":-9223372036854775809")),
        ("out_of_range", "amount_minor", message(amount_minor=1e22)),
        ("out_of_range", "amount_minor", message(amount_minor=0)),
        ("out_of_range", "amount_minor", message(amount_minor=-5)),
        ("out_of_range", "amount_minor", message(amount_minor=10**11)),
        ("bad_format", "transaction_id", message(transaction_id="a b")),
        ("bad_format", "transaction_id", message(transaction_id="a\n")),
        ("bad_format", "transaction_id", message(transaction_id="x" * 65)),
        ("bad_format", "event_time", message(event_time="2026-02-30T00:00:00Z")),
        ("bad_format", "event_time", message(event_time="2026-02-02T02:40:00+00:00")),
        ("bad_format", "channel", message(channel="fax")),
        ("bad_format", "currency", message(currency="usd")),
        ("bad_format", "card_number", message(card_number="4000 0012 3456 7899")),
        ("bad_format", "card_number", message(card_number="４０００００１２３４５６７８９９")),  # noqa: RUF001
        ("unknown_currency", "currency", message(currency="XTS")),
        ("bad_check_digit", "card_number", message(card_number="4000001234567898")),
        ("too_old", "event_time", message(event_time="2019-01-01T00:00:00Z")),
        ("in_the_future", "event_time", message(event_time="2026-02-03T02:40:00Z")),
        ("card_number_misplaced", "merchant_id", message(merchant_id=CARD)),
        ("card_number_misplaced", "device_id", message(device_id="4000-0012-3456-7899")),
    ],
)
def test_a_bad_record_is_held_back_with_its_reason(reason: str, field: str | None, value: bytes | None) -> None:
    found = problem(value)
    assert (found["reason"], found["field"]) == (reason, field)
    assert reason in next(each for each in reader.load("quarantine").fields if each.name == "reason").options["enum"]
    assert (found["source_topic"], found["source_partition"], found["source_offset"]) == ("transactions", 3, 0)
    assert set(found) == set(reader.load("quarantine").names())
    assert CARD not in orjson.dumps(found).decode()


def test_the_first_problem_in_the_contract_s_order_counts() -> None:
    assert problem(message(channel="fax", amount_minor=0, customer_id=...))["field"] == "customer_id"


def test_what_could_be_read_is_kept_for_the_books() -> None:
    found = problem(message(amount_minor=-5))
    assert (found["transaction_id"], found["amount_minor"], found["currency"]) == ("t-1", -5, "USD")
    assert problem(message(amount_minor=int(CARD)))["amount_minor"] is None


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=6,
)
CHANGES = st.dictionaries(
    st.sampled_from([*GOOD, "cvv", "extra"]), st.one_of(JSON, st.sampled_from([..., CARD, *GOOD.values()])), max_size=4
)


@settings(max_examples=500)
@given(CHANGES)
def test_the_quick_look_and_the_careful_look_agree(changes: dict[str, Any]) -> None:
    try:
        value = message(**changes)
    except TypeError:  # integers beyond 64 bit and lone surrogates, which orjson does not write
        return
    (row,) = rows(value)
    careful = diagnose(value, NOW_MS, CONTRACT, reader.currencies(), LIMITS)
    assert (row["problem"] is None) == (careful.problem is None)
    assert (row["body"] is None) == (careful.problem is not None)
    for output in (row["problem"], row["body"]):
        assert output is None or CARD.encode() not in output


@settings(max_examples=300)
@given(st.binary(max_size=200) | st.binary(max_size=20).map(lambda noise: message()[:150] + noise + message()[150:]))
def test_no_bytes_break_the_gate(value: bytes) -> None:
    (row,) = rows(value)
    assert (row["problem"] is None) != (row["body"] is None)


def test_an_empty_batch_gives_an_empty_column() -> None:
    assert GATE.pass_through(Records("transactions", [], [], [], []), lambda: 0).records() == []


def test_contents_have_the_digests_that_kept_states_hold() -> None:
    """By them a repeat is told from a conflict, over an upgrade too."""
    without, other = rows(message(device_id=...), message(device_id="d-1"))
    assert facts(without)["content"].tobytes().hex() == "6e9c5d0378c0e78271eab0e371f821e8"
    assert facts(rows(message())[0])["content"].tobytes() == facts(without)["content"].tobytes()
    assert facts(other)["content"].tobytes() != facts(without)["content"].tobytes()


ALL = Gate(CONTRACT, LIMITS, reader.currencies(), lambda _: KEYS, ASIDE, reader.ENTITIES)
IDS = st.text("abXY_.:-", min_size=1, max_size=64)


def of_all(*values: bytes) -> Any:
    """The facts of `values` where all histories are kept."""
    count = len(values)
    records = Records("transactions", values, [3] * count, list(range(count)), [NOW_MS] * count)
    return ALL.pass_through(records, lambda: NOW_MS + 7).numbers


@settings(max_examples=200)
@given(st.fixed_dictionaries(dict.fromkeys(("customer_id", "terminal_id", "merchant_id"), IDS)), st.none() | IDS)
def test_other_entities_stand_behind_the_facts_and_change_none(ids: dict[str, Any], device: str | None) -> None:
    value = message(**ids, device_id=device)
    (card_only,), (found,) = rows(value), of_all(value)
    assert found[list(FACTS.names or ())].tobytes()[: FACTS.itemsize] == card_only["facts"]
    sent = {"customer": ids["customer_id"], "terminal": ids["terminal_id"], "device": device}
    for name, text in sent.items():
        assert found[name]["id"] == (0 if text is None else int(digests([text.encode()])[0, 0]))
        assert 0 <= found[name]["bucket"] < BUCKETS
    assert (found["device"]["bucket"] == found["card_bucket"]) or device is not None
    token, merchant = text_hash(TOKEN(CARD)), text_hash(ids["merchant_id"])
    customer, country = text_hash(ids["customer_id"]), text_hash("US")
    assert found["customer"]["categories"].tolist() == [token, merchant, country]
    assert found["terminal"]["categories"].tolist() == [token, customer, country]
    assert found["device"]["categories"].tolist() == [token, customer, merchant]
