"""Messages that try to break the gate, and what must hold for each: no crash, no hang, no card number in any output.

`python -m tests.udfs.gate_fuzz --inputs 1000000` runs for long; tests/udfs/test_gate_fuzz.py is the short version.
Hypothesis makes the messages and shrinks what fails; from each of its examples a seeded generator makes many more.
"""

from __future__ import annotations

import argparse
import sys
import time
import unicodedata
from collections import Counter
from collections.abc import Callable
from random import Random
from typing import Any

import hypothesis
import orjson
from hypothesis import strategies as st

from bench.proof import leaks
from tests.oracle.validation import CARD_NUMBER, MAX_BYTES, Refused, parse, validate
from tests.udfs.mutants import PLANTED, mutant
from tests.udfs.test_gate import CHANGES, rows
from tests.udfs.transactions import NOW_MS, message

MUTANTS = 50
LONGEST_BATCH_SECONDS = 5.0


def _written(changes: dict[str, Any]) -> bytes:
    try:
        return message(**changes)
    except TypeError:  # integers beyond 64 bit and lone surrogates, which orjson does not write
        return message()


MESSAGES = CHANGES.map(_written) | st.binary(max_size=300)
EXAMPLES = st.tuples(st.lists(MESSAGES, min_size=1, max_size=3), st.integers(0, 2**32 - 1))


def batch(example: tuple[list[bytes], int]) -> list[bytes]:
    """The messages of an example with their mutants."""
    originals, seed = example
    rng = Random(seed)
    originals = [*originals, message(), message(entry_mode="chip", device_id="d-1")]
    return originals + [mutant(rng.choice(originals), rng) for _ in range(MUTANTS)]


def _ascii_digits(text: str) -> str:
    """`text` with every script's digits as ASCII ones."""
    if text.isascii():
        return text
    return "".join(str(unicodedata.digit(each)) if unicodedata.digit(each, None) is not None else each for each in text)


def _verdict(value: bytes) -> tuple[str, str | None] | None:
    """The oracle's reason and field, None where it accepts."""
    try:
        if len(value) > MAX_BYTES:
            return ("too_large", None)
        validate(parse(value), NOW_MS)
    except Refused as refused:
        return (refused.reason, refused.field)
    return None


def hold(values: list[bytes], seen: Counter[str]) -> None:
    """What must be true of the gate's outcome for each of `values`; counts the reasons in `seen`."""
    began = time.monotonic()
    found = rows(*values)
    assert time.monotonic() - began < LONGEST_BATCH_SECONDS, "the gate took too long"
    assert len(found) == len(values)
    for value, row in zip(values, found, strict=True):
        problem = None if row["problem"] is None else orjson.loads(row["problem"])
        assert (problem is None) == (row["body"] is not None)
        verdict = None if problem is None else (problem["reason"], problem["field"])
        assert verdict == _verdict(value), value
        seen["accepted" if verdict is None else verdict[0]] += 1
        if problem is not None:
            _hold_no_card(problem, value)
        else:
            body = {**orjson.loads(row["body"]), "card_token": None}
            assert not any(map(CARD_NUMBER.search, _texts(body))), value
            assert not any(number in str(body) for number in PLANTED), value


def _texts(record: dict[str, Any]) -> list[str]:
    return [_ascii_digits(each) for each in record.values() if isinstance(each, str)]


def _hold_no_card(problem: dict[str, Any], value: bytes) -> None:
    """Ids that keep the contract may look as they like, as long as no card number stands in them by the contract."""
    kept = {name: problem.pop(name) for name in ("transaction_id", "customer_id")}
    assert not any(map(CARD_NUMBER.search, _texts(kept))), value
    assert not leaks.found(_ascii_digits(orjson.dumps(problem).decode()).encode(), PLANTED), value


def run(inputs: int, seed: int, report: Callable[[int], None] = lambda _: None) -> Counter[str]:
    """Hold `inputs` messages, made from `seed`, against all of this; how often each outcome came."""
    seen: Counter[str] = Counter()

    @hypothesis.seed(seed)
    @hypothesis.settings(
        max_examples=-(-inputs // (MUTANTS + 3)),
        deadline=None,
        database=None,
        suppress_health_check=list(hypothesis.HealthCheck),
    )
    @hypothesis.given(EXAMPLES)
    def every_example(example: tuple[list[bytes], int]) -> None:
        hold(batch(example), seen)
        report(seen.total())

    every_example()
    return seen


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--inputs", type=int, default=1_000_000)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    began, step = time.monotonic(), max(options.inputs // 20, 1)
    marks = iter(range(step, options.inputs + step, step))
    due = [next(marks)]

    def report(count: int) -> None:
        if count >= due[0]:
            print(f"  {count:,} messages, {count / (time.monotonic() - began):,.0f}/s", flush=True)
            due[0] = next(marks, sys.maxsize)

    seen = run(options.inputs, options.seed, report)
    print(f"{seen.total():,} messages in {time.monotonic() - began:.0f} s, seed {options.seed}: no crash, no leak")
    for reason, count in seen.most_common():
        print(f"  {reason:<24} {count:>12,}")


if __name__ == "__main__":
    main()
