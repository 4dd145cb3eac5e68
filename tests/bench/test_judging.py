"""The judge in a process of its own says what the checks say."""

from __future__ import annotations

import os
from collections.abc import Iterator

import pytest

from bench.faults.judging import Judging
from bench.proof import checks
from sluice.errors import SluiceError
from tests.bench.test_checks import PLANTED, RIGHT, token


def test_it_answers_as_the_checks_themselves() -> None:
    assert Judging(RIGHT, token, PLANTED, []).checks() == checks.check(RIGHT, token, PLANTED, [])


def test_one_that_dies_is_told() -> None:
    def written() -> Iterator[tuple[str, bytes]]:
        yield "log", b""
        os._exit(1)

    with pytest.raises(SluiceError, match="the judge has ended without an answer"):
        Judging(RIGHT, token, PLANTED, written()).checks()
