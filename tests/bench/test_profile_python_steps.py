"""Samples of threads in Python to what they do."""

from __future__ import annotations

import pytest

from bench.profile import python_steps
from bench.profile.python_steps import Stack, by_thread, does, stacks

CALL = "open_gate.<locals>.call (jobs/fraud_detection/functions.py:24)"
RAW = f"""thread (31);traced (udfs/batches.py:62);{CALL};Gate.pass_through (udfs/gate.py:81);<lambda> (udfs/gate.py:9) 7
thread (32);traced (udfs/batches.py:62) 3

"""


def test_lines_are_read_with_the_innermost_frame_first() -> None:
    found = list(stacks(RAW))
    gate = ("<lambda> (udfs/gate.py:9)", "Gate.pass_through (udfs/gate.py:81)", CALL, "traced (udfs/batches.py:62)")
    assert found == [Stack(31, gate, 7), Stack(32, gate[3:], 3)]


@pytest.mark.parametrize(
    ("frames", "name"),
    [
        (("digests (udfs/facts.py:12)", CALL), "udfs.facts"),
        (("loads (json/__init__.py:346)", "decode (udfs/transaction_reader.py:5)", CALL), "udfs.transaction_reader"),
        (("mean (numpy/_core/_methods.py:1)", CALL), "jobs.fraud_detection.functions"),
        (("from_buffers (pyarrow/array.py:4)", CALL), python_steps.ARROW),
        (("main (site.py:540)", "<module> (<string>:3)"), python_steps.OTHER),
    ],
)
def test_the_innermost_telling_frame_decides(frames: tuple[str, ...], name: str) -> None:
    assert does(frames) == name


def test_looks_are_counted_by_thread() -> None:
    assert by_thread(stacks(RAW)) == {31: {"udfs.gate": 7}, 32: {"udfs.batches": 3}}
