"""From times and samples to microseconds an event, and how they are shown."""

from __future__ import annotations

from dataclasses import replace
from xml.etree import ElementTree as ET

import pytest
from rich.console import Console

from bench.bars import PALE, STRONG
from bench.profile import account as accounts
from bench.profile import picture, proc
from bench.profile.account import Account, Seen, account
from bench.profile.jvm_steps import KERNEL, PYTHON, Sample
from bench.profile.looks import Look, Processes, between
from bench.profile.python_steps import Stack
from bench.profile.shares import shared_out
from bench.profile.thread_groups import JavaThread

FOUND = Processes(task_managers=(10,), brokers=(30,), job_managers=(40,))
JAVA = {
    11: JavaThread("history[7] -> decide -> outputs[9]: Writer (1/2)#0", 71),
    12: JavaThread("C2 CompilerThread0", 8),
}
KERNEL_FRAMES, PYTHON_FRAMES = ("sluice.kernel.History.eval",), ("pemja.core.PythonInterpreter.invoke",)
DECIDE = ("packed (udfs/parts.py:1)", "Decider.decide (udfs/decide.py:4)")


def look(at: float, events: int, idle: float, jvm: dict[int, float]) -> Look:
    """Two cores; short-lived threads of the JVM take 0.1 s in each second, so does the broker."""
    threads = {10: {tid: proc.Used("java", each) for tid, each in jvm.items()}}
    processes = {10: sum(jvm.values()) + at * 0.1, 30: at * 0.1, 40: 0.0}
    return Look(at, events, proc.Machine(idle, at * 2), processes, threads)


def made(python: dict[int, list[Stack]]) -> Account:
    before = look(0, 1_000, 0.0, {11: 5.0, 12: 2.0})
    after = look(10, 101_000, 4.0, {11: 9.0, 12: 3.0})
    jvm = [Sample(71, native=False, frames=KERNEL_FRAMES)] * 3 + [Sample(71, native=False, frames=PYTHON_FRAMES)]
    return account(FOUND, between(before, after), Seen({10: jvm}, python), JAVA, {})


def python() -> dict[int, list[Stack]]:
    return {10: [Stack(11, DECIDE, 3), Stack(11, DECIDE[1:], 1), Stack(99, ("main (site.py:1)",), 7)]}


def test_everything_the_machine_did_is_accounted_for() -> None:
    found = made(python())
    assert (found.events, found.seconds) == (100_000, 10)
    assert found.processes == pytest.approx(
        {
            accounts.JVM: 60.0,
            accounts.BROKER: 10.0,
            accounts.JOB_MANAGER: 0.0,
            accounts.ELSEWHERE: 90.0,
            accounts.IDLE: 40.0,
        }
    )
    assert found.total == pytest.approx(70.0)
    assert found.threads == pytest.approx({"task decide → outputs": 40.0, "JIT compilers": 10.0, accounts.ENDED: 10.0})


def test_samples_share_out_what_was_measured_without_them() -> None:
    found = made(python())
    assert found.steps == pytest.approx({KERNEL: 30.0, PYTHON: 10.0})
    assert found.python == {"decide → outputs": pytest.approx({"udfs.parts": 7.5, "udfs.decide": 2.5})}
    assert found.looks == {accounts.JVM: 4, "Python": 11}


def test_without_a_look_into_python_the_steps_stay() -> None:
    found = made({})
    assert found.steps == pytest.approx({KERNEL: 30.0, PYTHON: 10.0})
    assert found.python == {}


def test_a_thread_gets_what_it_took_however_often_it_was_seen() -> None:
    seen = {1: {"a": 1.0, "b": 3.0}, 2: {"a": 99.0}}
    assert shared_out({1: 4.0, 2: 1.0, 3: 0.5}, seen, "unseen") == {"a": 2.0, "b": 3.0, "unseen": 0.5}


def test_tables_and_chart_show_every_part() -> None:
    console = Console(width=120)
    with console.capture() as captured:
        picture.show(console, made(python()))
    text = captured.get()
    for words in ("70.0 µs", "everything else on the machine", KERNEL, "JIT compilers", "udfs.parts"):
        assert words in text
    assert "In Python, by task decide → outputs" in text
    drawn = ET.fromstring(picture.chart(made(python())))  # noqa: S314 - what was just made here
    labels = {each.text for each in drawn.iter("{http://www.w3.org/2000/svg}text")}
    assert {KERNEL, PYTHON, f"{accounts.JVM}: 60.0", "JIT compilers", "7.5"} <= labels
    assert not {accounts.IDLE, "task decide → outputs"} & labels
    ours = {each.get("fill") for each in drawn.iter("{http://www.w3.org/2000/svg}rect")}
    assert {STRONG, PALE} <= ours


def test_without_samples_the_chart_shows_threads() -> None:
    found = made({})
    drawn = picture.chart(replace(found, steps={}))
    assert "task decide → outputs" in drawn
    assert KERNEL not in drawn
