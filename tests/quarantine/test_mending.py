"""What may become of a message that was held back."""

from __future__ import annotations

import orjson
import pytest

from sluice.quarantine.held import QuarantineError
from sluice.quarantine.mending import Changes, key_of, mended, parsed, problem_of
from sluice.settings import Gate
from tests.udfs.transactions import GOOD, NOW_MS

RAW = orjson.dumps(GOOD)


def test_fields_get_the_types_of_the_contract() -> None:
    changes = parsed(["amount_minor=1200", "country=DE"], ["channel"])
    content = orjson.loads(mended(RAW, changes))
    assert content == {name: value for name, value in GOOD.items() if name != "channel"} | {
        "amount_minor": 1200,
        "country": "DE",
    }
    assert changes.described() == [
        {"field": "amount_minor", "value": "1200"},
        {"field": "country", "value": "DE"},
        {"field": "channel", "value": None},
    ]


@pytest.mark.parametrize(
    ("assignments", "remove", "words"),
    [
        ([], [], "nothing to mend"),
        (["country"], [], "has no =; write --set"),
        (["contry=DE"], [], "no such field; did you mean country?"),
        (["xyz=red"], [], "no such field; there are transaction_id"),
        (["card_number=1"], [], "card_number must not be typed into a command"),
    ],
)
def test_what_cant_be_meant_is_refused(assignments: list[str], remove: list[str], words: str) -> None:
    with pytest.raises(QuarantineError, match=words):
        parsed(assignments, remove)


@pytest.mark.parametrize(
    ("raw", "changes", "words"),
    [
        (b"{", Changes({"country": "DE"}, ()), "no JSON object with fields to mend"),
        (b"[1]", Changes({"country": "DE"}, ()), "no JSON object with fields to mend"),
        (RAW, Changes({}, ("cvv",)), "the original has no such field"),
        (RAW, Changes({"amount_minor": "12.50"}, ()), "a whole number is needed"),
    ],
)
def test_what_cant_be_mended_is_said(raw: bytes, changes: Changes, words: str) -> None:
    with pytest.raises(QuarantineError, match=words):
        mended(raw, changes)


def test_a_prohibited_field_is_left_out_and_the_gate_takes_the_rest() -> None:
    held_back = orjson.dumps(GOOD | {"cvv": "123"})
    problem = problem_of(held_back, NOW_MS, Gate())
    assert problem is not None
    assert problem.reason == "prohibited_field"
    assert problem_of(mended(held_back, Changes({}, ("cvv",))), NOW_MS, Gate()) is None


def test_the_key_is_the_contracts() -> None:
    assert key_of(RAW) == str(GOOD["customer_id"]).encode()
