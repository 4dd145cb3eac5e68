"""An account is taken over in the order of event times, whatever the order in which that is heard of."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from udfs.patterns.takeover import completed
from udfs.times import iso_ms, parse_ms

NOON = parse_ms("2026-01-05T12:00:00Z") or 0
WITHIN_MS = 1_000
HELD = 30
KINDS = ("device_added", "profile_changed", "transfer")


def row(number: int, ms: int, kind: str) -> dict[str, Any]:
    at = {"event_time": iso_ms(NOON + ms)}
    return at | ({"decision_id": f"d-{number}"} if kind == "transfer" else {"event_id": f"e-{number}", "kind": kind})


acts = st.lists(
    st.tuples(st.integers(0, 1_500), st.sampled_from(KINDS)), max_size=HELD, unique_by=lambda act: act[0]
).map(lambda drawn: [row(number, *act) for number, act in enumerate(drawn)])


def told(heard: Sequence[dict[str, Any]], held: int = HELD) -> list[str]:
    """The transfers, in the order in which they are told of."""
    found = []
    for end in range(1, len(heard) + 1):
        counted = completed(heard[max(end - held - 1, 0) : end], WITHIN_MS, held)
        found += [each["decision_id"] for each in counted if "decision_id" in each]
    return found


@given(st.data(), acts)
def test_any_order_of_arrival_tells_of_the_same_transfers_each_once(data: st.DataObject, heard: list[Any]) -> None:
    shuffled = data.draw(st.permutations(heard))
    assert sorted(told(shuffled)) == sorted(told(heard))
    assert len(set(told(shuffled))) == len(told(shuffled))


@given(acts)
def test_what_is_told_is_in_the_order_of_time_and_within_it(heard: list[Any]) -> None:
    counted = completed(heard, WITHIN_MS, HELD)
    times = [parse_ms(each["event_time"]) or 0 for each in counted]
    assert times == sorted(times)
    assert not counted or heard[-1] in counted
    assert not counted or "decision_id" in counted[-1]


def test_the_latest_device_and_change_before_a_transfer_are_told() -> None:
    kinds = ("device_added", "device_added", "profile_changed", "profile_changed", "device_added", "transfer")
    heard = [row(number, 10 * number, kind) for number, kind in enumerate(kinds)]
    assert completed(heard, WITHIN_MS, HELD) == [heard[1], heard[3], heard[5]]
    later = [*heard, row(6, 60, "transfer")]
    assert completed(later, WITHIN_MS, HELD) == [heard[1], heard[3], later[6]]
    assert completed([*heard[2:], heard[0]], WITHIN_MS, HELD) == [heard[0], heard[3], heard[5]]


def test_what_lies_too_far_back_in_arrival_is_forgotten() -> None:
    first, change, transfer = (row(number, number, kind) for number, kind in enumerate(KINDS))
    between = [row(3 + number, 900 + number, "device_added") for number in range(3)]
    assert told([first, change, *between[:2], transfer], held=5) == ["d-2"]
    assert told([first, change, *between, transfer], held=5) == []
