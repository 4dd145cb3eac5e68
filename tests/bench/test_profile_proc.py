"""Processor time out of the kernel's own lines."""

from __future__ import annotations

import os
import time

import pytest

from bench.profile import proc

STAT = "4711 ({name}) S 1 4711 4711 0 -1 4194304 5000 700 0 0 {user} {system} 90 10 20 0 12 0 123456 99 88 1"


@pytest.mark.parametrize("name", ["java", "GC Thread#0", "a ) b ( c", "Source: KafkaSo"])
def test_user_and_system_time_are_added_whatever_the_name_holds(name: str) -> None:
    # Time of children that have ended (90 and 10) is not the process's own.
    assert proc.used(STAT.format(name=name, user=150, system=50), 100) == proc.Used(name, 2.0)


def test_guests_are_not_counted_twice_and_waiting_for_disks_is_idle() -> None:
    line = "cpu  400 100 200 1000 50 25 75 150 300 60"
    assert proc.machine(line, 100) == proc.Machine(idle=10.5, total=20.0)


def test_this_process_and_its_threads_are_found() -> None:
    begun = proc.of_machine()
    end = time.process_time() + 0.1
    while time.process_time() < end:
        pass
    mine = os.getpid()
    assert proc.of_processes([mine])[mine] >= 0.1
    assert proc.of_threads(mine)[mine].seconds >= 0.1
    assert proc.of_machine().total > begun.total


def test_a_process_that_is_gone_is_left_out() -> None:
    assert proc.of_processes([2**30]) == {}
    assert proc.of_threads(2**30) == {}
