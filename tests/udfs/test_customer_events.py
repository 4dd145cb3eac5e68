"""Messages about customers are held against their contract."""

from __future__ import annotations

from typing import Any

import orjson
import pytest

from tests.udfs.transactions import CARD, NOW_MS
from udfs.customer_events import CONTRACT, checked
from udfs.gate import bounds
from udfs.times import iso_ms

BOUNDS = bounds(CONTRACT, 65_536, None)
DAY_MS = 86_400_000
GOOD = {
    "event_id": "e-1",
    "event_time": iso_ms(NOW_MS - 1_000),
    "customer_id": "c-1",
    "kind": "profile_changed",
    "device_id": "d-1",
    "changed_field": "email",
}


def test_what_keeps_the_contract_goes_on_with_its_fields_alone() -> None:
    event_time = GOOD["event_time"].replace(".000Z", "Z")
    raw = orjson.dumps(GOOD | {"event_time": event_time, "new_value": "somebody@example.org"})
    found = checked(raw, NOW_MS, BOUNDS)
    assert found.problem is None
    assert found.readable == GOOD | {"ingested_at": iso_ms(NOW_MS)}


def test_what_is_optional_may_be_missing_or_null() -> None:
    short = {name: value for name, value in GOOD.items() if name != "device_id"} | {"changed_field": None}
    assert "device_id" not in checked(orjson.dumps(short), NOW_MS, BOUNDS).readable
    assert checked(orjson.dumps(short), NOW_MS, BOUNDS).problem is None


@pytest.mark.parametrize(
    ("changes", "reason", "field"),
    [
        ({"event_id": None}, "missing_field", "event_id"),
        ({"customer_id": 7}, "wrong_type", "customer_id"),
        ({"kind": "moved_house"}, "bad_format", "kind"),
        ({"event_time": "yesterday"}, "bad_format", "event_time"),
        ({"event_time": iso_ms(NOW_MS - 7 * DAY_MS - 1)}, "too_old", "event_time"),
        ({"event_time": iso_ms(NOW_MS + 300_001)}, "in_the_future", "event_time"),
        ({"changed_field": "me@example.org"}, "bad_format", "changed_field"),
        ({"device_id": CARD}, "card_number_misplaced", "device_id"),
    ],
)
def test_what_breaks_the_contract_is_named(changes: dict[str, Any], reason: str, field: str) -> None:
    found = checked(orjson.dumps(GOOD | changes), NOW_MS, BOUNDS)
    assert found.problem is not None
    assert (found.problem.reason, found.problem.field) == (reason, field)
    assert "card_number only" not in found.problem.message


@pytest.mark.parametrize("raw", [None, b"", b"{", b"[1]", b"\xff"])
def test_what_is_no_object_is_no_json(raw: bytes | None) -> None:
    found = checked(raw, NOW_MS, BOUNDS)
    assert found.problem is not None
    assert found.problem.reason == "not_json"
