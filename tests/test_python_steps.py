"""Python steps on a local Flink: rows through an interpreter inside the JVM."""

from __future__ import annotations

import os
import sys

import numpy as np
import pytest
from pyflink.table import StreamTableEnvironment

from sluice import python_steps, streaming_job
from sluice.python_steps import Batching, Step
from tests.udfs.kernel_jar import JAR
from tests.udfs.split import split
from udfs import batches
from udfs.parts import Packed

ROWS = 1_000


def open_sums(added: int) -> batches.Call:
    """(n BIGINT, text BYTES) to `text: n + added`, where NULL is a dash."""

    def call(count: int, number: bytes, text: bytes) -> bytes:
        sums = (batches.numbers(number) + added).tolist()
        texts = [b"-" if each is None else each for each in batches.values(text, count)]
        return batches.answer(Packed(([b"%b: %d" % pair for pair in zip(texts, sums, strict=True)],)))

    return call


def open_places() -> batches.Call:
    """To where Python's own library, its environment and this project's modules are found."""

    def call(count: int, *_: bytes) -> bytes:
        return batches.answer(Packed(([places()] * count,)))

    return call


def places() -> bytes:
    return f"{os.__file__}\n{sys.prefix}\n{np.__file__}\n{batches.__file__}".encode()


def open_failing() -> batches.Call:
    def call(count: int, *_: bytes) -> bytes:
        raise ValueError(f"{count} rows are too many")

    return call


def open_stopping() -> batches.Call:
    def call(count: int, *_: bytes) -> bytes:
        raise batches.StopError(f"after {count} rows")

    return call


@pytest.fixture
def table_env() -> StreamTableEnvironment:
    created = streaming_job.environment()
    created.get_config().set("pipeline.jars", JAR.as_uri())
    created.get_config().set("parallelism.default", "1")
    created.get_config().set("restart-strategy.type", "none")
    created.execute_sql(
        "create temporary table counted (n bigint, flag boolean) with ('connector' = 'datagen', "
        f"'number-of-rows' = '{ROWS}', 'fields.n.kind' = 'sequence', 'fields.n.start' = '1', 'fields.n.end' = '{ROWS}')"
    )
    created.execute_sql(
        "create temporary view numbered as "
        "select n, case when mod(n, 3) > 0 then cast(cast(n as string) as bytes) end as text from counted"
    )
    return created


def step(function: str, **arguments: int) -> Step:
    return Step("sums", f"{__name__}:{function}", arguments)


def test_each_row_has_its_answer_in_the_order_of_the_rows(table_env: StreamTableEnvironment) -> None:
    python_steps.add(table_env, "numbered", step("open_sums", added=5), "summed", Batching(rows=7, wait_ms=2))
    with table_env.execute_sql("select summed from summed").collect() as rows:
        found = [(split(bytes(record), ["sum"])["sum"] or b"").decode() for (record,) in rows]
    assert found == [f"{n if n % 3 else '-'}: {n + 5}" for n in range(1, ROWS + 1)]


def test_python_is_the_one_that_is_set_with_what_is_installed_for_it(table_env: StreamTableEnvironment) -> None:
    python_steps.add(table_env, "numbered", step("open_places"), "found", Batching(rows=ROWS, wait_ms=2))
    with table_env.execute_sql("select found from found").collect() as rows:
        assert {split(bytes(record), ["places"])["places"] for (record,) in rows} == {places()}


def test_an_error_in_python_fails_the_job_and_tells_where(table_env: StreamTableEnvironment) -> None:
    python_steps.add(table_env, "numbered", step("open_failing"), "summed", Batching(rows=7, wait_ms=2))
    with pytest.raises(Exception, match=r"(?s)test_python_steps\.py.*ValueError: 7 rows are too many"):
        list(table_env.execute_sql("select summed from summed").collect())


def test_python_can_end_a_job_that_would_be_started_again(table_env: StreamTableEnvironment) -> None:
    table_env.get_config().set("restart-strategy.type", "fixed-delay")
    table_env.get_config().set("restart-strategy.fixed-delay.attempts", "1000000")
    python_steps.add(table_env, "numbered", step("open_stopping"), "summed", Batching(rows=7, wait_ms=2))
    with pytest.raises(Exception, match=r"(?s)The failure is not recoverable.*StopError.*after 7 rows"):
        list(table_env.execute_sql("select summed from summed").collect())


def test_a_column_that_python_can_not_take_is_named(table_env: StreamTableEnvironment) -> None:
    with pytest.raises(Exception, match=r"Step sums: column flag is BOOLEAN; cast it to BYTES, INT, BIGINT"):
        python_steps.add(table_env, "counted", step("open_sums", added=1), "summed", Batching(rows=7, wait_ms=2))
