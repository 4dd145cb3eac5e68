"""No signal falls between the start of a process and its record."""

from __future__ import annotations

import signal
import threading

import pytest

from localstack.interrupts import CATCHABLE, as_keyboard_interrupt, postponed


@pytest.mark.parametrize("number", CATCHABLE)
def test_a_postponed_signal_comes_after_the_block(number: signal.Signals) -> None:
    done = []

    def body() -> None:
        with as_keyboard_interrupt(), postponed():
            signal.raise_signal(number)
            done.append("block")

    with pytest.raises(KeyboardInterrupt):
        body()
    assert done == ["block"]


@pytest.mark.parametrize("number", CATCHABLE)
def test_a_request_to_end_runs_the_finally_clauses(number: signal.Signals) -> None:
    with pytest.raises(KeyboardInterrupt), as_keyboard_interrupt():
        signal.raise_signal(number)


def test_the_handlers_from_before_are_back_afterwards() -> None:
    before = [signal.getsignal(each) for each in CATCHABLE]
    with as_keyboard_interrupt(), postponed():
        pass
    assert [signal.getsignal(each) for each in CATCHABLE] == before


def test_both_do_nothing_outside_the_main_thread() -> None:
    passed = []

    def body() -> None:
        with as_keyboard_interrupt(), postponed():
            passed.append(True)

    thread = threading.Thread(target=body)
    thread.start()
    thread.join()
    assert passed == [True]
