"""Samples of a Python worker to what it does."""

from __future__ import annotations

import pytest

from bench.profile import python_steps
from bench.profile.python_steps import Stack, by_thread, does, served, stacks

BEAM = "SdkWorker.process_bundle (apache_beam/runners/worker/sdk_worker.py:694)"
EVAL = "GateFunction.eval (jobs/fraud_detection/functions.py:44)"
RAW = f"""thread (31): Thread-7 (run);{BEAM};{EVAL};Gate.pass_through (udfs/gate.py:81);<lambda> (udfs/gate.py:9) 7
thread (31): Thread-7 (run);{BEAM};Queue.get (queue.py:171);Condition.wait (threading.py:331) 40
thread (32);channel_spin (grpc/_channel.py:1751) 50
thread (31): Thread-7 (run);{BEAM} 3

"""


def test_lines_are_read_with_the_innermost_frame_first() -> None:
    found = list(stacks(RAW))
    gate = ("<lambda> (udfs/gate.py:9)", "Gate.pass_through (udfs/gate.py:81)", EVAL, BEAM)
    assert found[0] == Stack(31, gate, 7)
    assert [(each.thread, each.seen) for each in found] == [(31, 7), (31, 40), (32, 50), (31, 3)]


@pytest.mark.parametrize(
    ("frames", "name"),
    [
        (("digests (udfs/facts.py:12)", EVAL), "udfs.facts"),
        (("loads (json/__init__.py:346)", "decode (udfs/transaction_reader.py:5)", EVAL), "udfs.transaction_reader"),
        (("mean (numpy/_core/_methods.py:1)", EVAL), "jobs.fraud_detection.functions"),
        (("to_numpy (pandas/core/base.py:4)", EVAL), python_steps.ARROW),
        (("arrow_to_pandas.<locals>.<listcomp> (pyflink/table/utils.py:72)", BEAM), python_steps.ARROW),
        (("<lambda> (<string>:1)", "process_element (pyflink/fn_execution/table/operations.py:114)"),
         python_steps.TRANSPORT),
        (("put (queue.py:140)", BEAM), python_steps.TRANSPORT),
        (("Condition.wait (threading.py:331)", "Queue.get (queue.py:171)", BEAM), python_steps.WAITING),
        (("_run_channel_spin_thread.<locals>.channel_spin (grpc/_channel.py:1751)",), python_steps.WAITING),
        (("await_something (udfs/gate.py:1)",), "udfs.gate"),
        (("Thread.run (threading.py:982)",), python_steps.OTHER),
    ],
)  # fmt: skip
def test_the_innermost_telling_frame_decides(frames: tuple[str, ...], name: str) -> None:
    assert does(frames) == name


def test_waiting_is_left_out() -> None:
    assert by_thread(stacks(RAW)) == {31: {"udfs.gate": 7, python_steps.TRANSPORT: 3}}


def test_the_step_is_known_by_its_function() -> None:
    assert served(stacks(RAW)) == "gate"
    assert served([Stack(1, (BEAM,), 9)]) is None
