"""Episodes against a plain model: the same whatever the clock, the repeats and the crashes; each alert named once."""

from __future__ import annotations

from typing import Any

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from contracts import reader
from tests.jobs.hot_state.samples import alert
from udfs.contract_json import MalformedError, decoder
from udfs.episodes import Episodes, Limits, gathered, key, read
from udfs.times import iso_ms

WINDOW = 1_000
LIMITS = Limits(WINDOW, 100_000, 4)
START = 1_767_600_000_000
check = decoder(reader.load("episodes"))


def raised(number: int, event_ms: int) -> dict[str, Any]:
    return alert(alert_id=f"a-{number}", event_time=iso_ms(START + event_ms), amount_usd_minor=number)


def run(steps: list[tuple[dict[str, Any], int]], limits: Limits = LIMITS) -> list[dict[str, Any]]:
    """The versions of alerts that arrive at these times of the clock, and of all timers behind them."""
    kept: bytes | None = None
    versions: list[bytes] = []

    def timers(until_ms: int | None) -> bytes | None:
        left = kept
        while (next_ms := Episodes(limits, left).next_ms()) is not None and (until_ms is None or next_ms <= until_ms):
            known = Episodes(limits, left)
            versions.extend(each.value for each in known.due(next_ms))
            left = known.kept()
        return left

    for each, now_ms in steps:
        kept = timers(now_ms)
        known = Episodes(limits, kept)
        versions.extend(version.value for version in known.add(each, now_ms))
        kept = known.kept()
    kept = timers(None)
    assert kept is None, "state returns to nothing"
    for version in versions:
        check(version)
    return [orjson.loads(each) for each in versions]


def model(events: list[int]) -> list[list[int]]:
    """Numbers of the alerts of each episode, by the definition: the window that holds it, or the next one behind."""
    episodes: list[tuple[int, list[int]]] = []
    for number, at in enumerate(events):
        free = [each for each in episodes if len(each[1]) < LIMITS.most_alerts]
        holding = sorted((each for each in free if each[0] <= at < each[0] + WINDOW), key=lambda each: -each[0])
        behind = sorted((each for each in free if at < each[0] < at + WINDOW), key=lambda each: each[0])
        if holding or behind:
            (holding + behind)[0][1].append(number)
        else:
            episodes.append((at, [number]))
    return [numbers for _, numbers in episodes]


def told(versions: list[dict[str, Any]]) -> list[list[str]]:
    return sorted(list(each["alerts"]) for each in gathered(versions))


EVENTS = st.lists(st.integers(0, 6_000), min_size=1, max_size=25)


@given(EVENTS, st.lists(st.integers(0, 4_000), min_size=25, max_size=25), st.data())
def test_episodes_are_those_of_the_model_whatever_the_clock_and_the_repeats(
    events: list[int], waits: list[int], data: st.DataObject
) -> None:
    alerts = [raised(number, at) for number, at in enumerate(events)]
    steps, now_ms = [], START
    for number, each in enumerate(alerts):
        now_ms += waits[number]
        steps.append((each, now_ms))
        repeat = data.draw(st.integers(0, number))
        steps.append((alerts[repeat], now_ms))
    versions = run(steps)
    assert told(versions) == sorted([f"a-{number}" for number in numbers] for numbers in model(events))
    assert told(versions) == told(run([(each, START) for each in alerts]))
    named = [
        name for each in versions if each["change"] == "closed" for name in each["alert_ids"][each["closed_before"] :]
    ]
    assert sorted(named) == sorted(each["alert_id"] for each in alerts)
    assert len({each["version_id"] for each in versions}) == len(versions)


def test_the_first_alert_is_told_at_once_and_the_closing_names_its_children() -> None:
    versions = run([(raised(number, at), START + at) for number, at in enumerate((0, 10, 999, 1_000))])
    assert [each["change"] for each in versions] == ["opened", "grown", "grown", "closed", "opened", "closed"]
    first, _, _, closed, second, _ = versions
    assert first["alert"] == raised(0, 0)
    assert closed["alert_ids"] == ["a-0", "a-1", "a-2"]
    assert (closed["number"], closed["amount_usd_minor"]) == (3, 3)
    assert (closed["opened_at"], closed["latest_at"]) == (iso_ms(START), iso_ms(START + 999))
    assert second["episode_id"] != first["episode_id"]


def test_a_late_alert_lets_a_closed_episode_grow_and_be_closed_again() -> None:
    versions = run([(raised(0, 0), START), (raised(1, 5), START + 50_000)])
    assert [each["change"] for each in versions] == ["opened", "closed", "grown", "closed"]
    assert versions[-1]["alert_ids"] == ["a-0", "a-1"]
    assert versions[-1]["closed_before"] == 1
    assert len({each["episode_id"] for each in versions}) == 1


def test_a_full_episode_is_closed_at_once() -> None:
    versions = run([(raised(number, number), START) for number in range(5)])
    assert [each["change"] for each in versions] == ["opened", *["grown"] * 3, "closed", "opened", "closed"]


def test_card_severity_and_rules_are_the_key_whatever_the_order_of_rules() -> None:
    one, other = (orjson.dumps(alert(rules=rules)) for rules in (["a", "b"], ["b", "a"]))
    assert key(one) == key(other)
    different = [alert(), alert(rules=["velocity"]), alert(severity="high"), alert(card_token="k1_" + "cd" * 32)]
    assert len({key(orjson.dumps(each)) for each in different}) == 4


@pytest.mark.parametrize("message", [b"", b"{}", orjson.dumps(alert(event_time="2026-01-05T08:00:00+01:00"))])
def test_what_is_no_alert_is_refused(message: bytes) -> None:
    assert key(message) == ""
    with pytest.raises(MalformedError, match="breaks the contract alerts"):
        read(message)
