"""From times and samples to microseconds an event, and how they are shown."""

from __future__ import annotations

from dataclasses import replace
from xml.etree import ElementTree as ET

import pytest
from rich.console import Console

from bench.bars import PALE, STRONG
from bench.profile import account as accounts
from bench.profile import picture, proc, python_steps
from bench.profile.account import Account, Seen, account
from bench.profile.jvm_steps import KERNEL, SINK, Sample
from bench.profile.looks import Look, Processes, between
from bench.profile.python_steps import Stack
from bench.profile.shares import shared_out
from bench.profile.thread_groups import JavaThread

FOUND = Processes(task_managers=(10,), workers=(20, 21), brokers=(30,), job_managers=(40,))
JAVA = {11: JavaThread("history[7]: Writer (1/2)#0", 71), 12: JavaThread("C2 CompilerThread0", 8)}
KERNEL_FRAMES, SEND_FRAMES = ("sluice.kernel.History.eval",), ("org.apache.kafka.clients.producer.K.send",)


def look(at: float, events: int, idle: float, jvm: dict[int, float], workers: dict[int, float]) -> Look:
    """Two cores; short-lived threads of the JVM and the first worker take 0.1 s in each second, so does the broker."""
    threads = {10: {tid: proc.Used("java", each) for tid, each in jvm.items()}}
    threads |= {pid: {pid + 2: proc.Used("python", each)} for pid, each in workers.items()}
    processes = {10: sum(jvm.values()) + at * 0.1, 30: at * 0.1, 40: 0.0, 20: workers[20] + at * 0.1, 21: workers[21]}
    return Look(at, events, proc.Machine(idle, at * 2), processes, threads)


def made(python: dict[int, list[Stack]]) -> Account:
    before = look(0, 1_000, 0.0, {11: 5.0, 12: 2.0}, {20: 1.0, 21: 1.0})
    after = look(10, 101_000, 4.0, {11: 9.0, 12: 3.0}, {20: 4.0, 21: 2.0})
    jvm = [Sample(71, native=False, frames=KERNEL_FRAMES)] * 3 + [Sample(71, native=False, frames=SEND_FRAMES)]
    return account(FOUND, between(before, after), Seen({10: jvm}, python), JAVA, {})


def python() -> dict[int, list[Stack]]:
    gate = ("read (udfs/transaction_reader.py:1)", "GateFunction.eval (jobs/fraud_detection/functions.py:4)")
    decide = ("DecideFunction.eval (jobs/fraud_detection/functions.py:9)",)
    return {20: [Stack(22, gate, 3), Stack(22, ("f (grpc/_common.py:1)",), 1)], 21: [Stack(23, decide, 5)]}


def test_everything_the_machine_did_is_accounted_for() -> None:
    found = made(python())
    assert (found.events, found.seconds) == (100_000, 10)
    assert found.processes == pytest.approx(
        {
            accounts.JVM: 60.0,
            "Python, decide": 10.0,
            "Python, gate": 40.0,
            accounts.BROKER: 10.0,
            accounts.JOB_MANAGER: 0.0,
            accounts.ELSEWHERE: 40.0,
            accounts.IDLE: 40.0,
        }
    )
    assert found.total == pytest.approx(120.0)
    assert found.threads == pytest.approx({"task history": 40.0, "JIT compilers": 10.0, accounts.ENDED: 10.0})


def test_samples_share_out_what_was_measured_without_them() -> None:
    found = made(python())
    assert found.steps == pytest.approx({KERNEL: 30.0, SINK: 10.0})
    gate = {"udfs.transaction_reader": 22.5, python_steps.TRANSPORT: 7.5, accounts.ENDED: 10.0}
    assert found.python["gate"] == pytest.approx(gate)
    assert found.python["decide"] == pytest.approx({"jobs.fraud_detection.functions": 10.0, accounts.ENDED: 0.0})
    assert found.busy == pytest.approx({"decide": 0.1, "gate": 0.4})
    assert found.looks == {accounts.JVM: 4, "Python, decide": 5, "Python, gate": 4}


def test_workers_that_were_not_looked_into_stay_together() -> None:
    found = made({})
    assert found.processes["Python, step unknown"] == pytest.approx(50.0)
    assert found.python == {"step unknown": {}}


def test_a_thread_gets_what_it_took_however_often_it_was_seen() -> None:
    seen = {1: {"a": 1.0, "b": 3.0}, 2: {"a": 99.0}}
    assert shared_out({1: 4.0, 2: 1.0, 3: 0.5}, seen, "unseen") == {"a": 2.0, "b": 3.0, "unseen": 0.5}


def test_tables_and_chart_show_every_part() -> None:
    console = Console(width=120)
    with console.capture() as captured:
        picture.show(console, made(python()))
    text = captured.get()
    for words in ("120.0 µs", "everything else on the machine", KERNEL, "JIT compilers", "udfs.transaction_reader"):
        assert words in text
    assert "Python, gate: each worker waits for 60% of the time" in text
    drawn = ET.fromstring(picture.chart(made(python())))  # noqa: S314 - what was just made here
    labels = {each.text for each in drawn.iter("{http://www.w3.org/2000/svg}text")}
    assert {KERNEL, SINK, f"{accounts.JVM}: 60.0", "JIT compilers", "22.5"} <= labels
    assert not {accounts.IDLE, "task history"} & labels
    ours = {each.get("fill") for each in drawn.iter("{http://www.w3.org/2000/svg}rect")}
    assert {STRONG, PALE} <= ours


def test_without_samples_the_chart_shows_threads_and_whole_processes() -> None:
    found = made({})
    drawn = picture.chart(replace(found, steps={}))
    assert "task history" in drawn
    assert "Python, step unknown: 50.0" in drawn
    assert KERNEL not in drawn
