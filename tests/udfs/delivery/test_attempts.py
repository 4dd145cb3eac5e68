"""A receiver that is down for an hour loses nothing and is not flooded; one message never blocks for ever."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.udfs.delivery.fakes import FakeReceiver, FakeTime, receiver, version
from udfs.delivery.attempts import LONGEST_ASKED_S, LONGEST_PAUSE_S, Answer, Channel, Courier, Verdict, pause_s
from udfs.delivery.messages import Message, message

DELIVERED = Answer(Verdict.DELIVERED)
DOWN = Answer(Verdict.AGAIN, "answered 503")
HOUR_S = 3_600


def courier(channel: Channel, time: FakeTime, most_per_second: float = 5, give_up_hours: float = 24) -> Courier:
    return Courier(channel, time, most_per_second, give_up_hours, lambda *_: None)


def messages(count: int) -> list[Message]:
    made = [message(version(number=number, episode_id=f"e-{number}"), receiver()) for number in range(count)]
    return [each for each in made if each is not None]


def test_after_an_hour_down_all_is_delivered_once_in_order_and_at_the_pace() -> None:
    time = FakeTime()
    desk = FakeReceiver(time, lambda at_s, _: DOWN if at_s < HOUR_S else DELIVERED)
    waiting = messages(200)
    outcomes = [courier_.deliver(each) for courier_ in [courier(desk, time)] for each in waiting]
    assert [each.verdict for each in outcomes if each] == [Verdict.DELIVERED] * 200
    assert [key for _, key in desk.taken] == [each.key for each in waiting]
    times = [at_s for at_s, _ in desk.taken]
    assert min(round(later - earlier, 3) for earlier, later in pairwise(times)) >= 0.2
    assert times[0] < HOUR_S + LONGEST_PAUSE_S
    assert len(desk.tried) - len(desk.taken) < 2.2 * HOUR_S / LONGEST_PAUSE_S, "nor is one that is down hammered"


def test_what_it_asks_for_is_kept_to() -> None:
    time = FakeTime()
    desk = FakeReceiver(time, lambda at_s, _: Answer(Verdict.AGAIN, "answered 429", 300) if at_s == 0 else DELIVERED)
    outcome = courier(desk, time).deliver(messages(1)[0])
    assert outcome is not None
    assert outcome.attempts == 2
    assert desk.taken[0][0] >= 300


def test_a_refused_message_ends_at_once_and_the_next_is_told() -> None:
    time = FakeTime()
    bad, good = messages(2)
    refused = Answer(Verdict.REFUSED, "answered 422")
    desk = FakeReceiver(time, lambda _, each: refused if each.key == bad.key else DELIVERED)
    brought = courier(desk, time)
    outcomes = [brought.deliver(bad), brought.deliver(good)]
    assert [each and (each.verdict, each.words) for each in outcomes] == [
        (Verdict.REFUSED, "answered 422"),
        (Verdict.DELIVERED, ""),
    ]


def test_it_gives_up_with_the_last_answer() -> None:
    time = FakeTime()
    outcome = courier(FakeReceiver(time, lambda *_: DOWN), time, give_up_hours=2).deliver(messages(1)[0])
    assert outcome is not None
    assert outcome.verdict is Verdict.REFUSED
    assert outcome.words.startswith("given up after")
    assert outcome.words.endswith("the last: answered 503")
    assert 2 * HOUR_S <= (outcome.ended_ms - outcome.first_tried_ms) / 1_000 <= 2 * HOUR_S + LONGEST_PAUSE_S


def test_stopped_while_it_waits_is_no_outcome() -> None:
    time = FakeTime()
    time.stop_at_ms = time.ms + 10_000
    assert courier(FakeReceiver(time, lambda *_: DOWN), time).deliver(messages(1)[0]) is None


@given(st.integers(1, 100_000), st.none() | st.floats(-10, 1e9), st.floats(0, 1))
def test_pauses_are_bounded_and_no_shorter_than_asked(attempt: int, asked_s: float | None, chance: float) -> None:
    found = pause_s(attempt, asked_s, chance)
    assert 0.5 <= found <= LONGEST_ASKED_S
    assert found >= min(asked_s or 0, LONGEST_ASKED_S)
    if asked_s is None:
        assert found <= LONGEST_PAUSE_S


@pytest.mark.parametrize(("attempt", "least", "most"), [(1, 0.5, 1), (4, 4, 8), (7, 30, 60), (50, 30, 60)])
def test_pauses_double_up_to_a_minute(attempt: int, least: float, most: float) -> None:
    assert (pause_s(attempt, None, 0), pause_s(attempt, None, 1)) == (least, most)
