"""What holds as of a moment: the kernel's versions and its function in SQL, against a plain dictionary."""

from __future__ import annotations

import struct
from base64 import b64encode
from pathlib import Path
from random import Random
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pyflink.table import EnvironmentSettings, TableEnvironment

from sluice import kernel_functions
from tests.oracle.references import holding
from tests.udfs.kernel_jar import JAR, kernel

MOST = 6
ROWS = """create temporary table told (entity string, at_ms bigint, asking bytes, answer bytes) with (
    'connector' = 'filesystem', 'path' = '{path}', 'format' = 'csv', 'csv.null-literal' = 'null')"""
AS_OF = """select asking, found from as_of(r => table told partition by entity, moment => descriptor({at}),
    asking => descriptor(asking), version => descriptor(answer), most => {most}, uid => 'u')"""
moments = st.integers(-5, 12)
told = st.lists(st.tuples(moments, st.one_of(st.none(), st.binary(max_size=5))), max_size=30)


def tell(known: dict[int, bytes], moment: int, value: bytes | None) -> None:
    """As the kernel keeps it: of too many, the oldest goes."""
    known.pop(moment, None)
    if value is not None:
        known[moment] = value
    if len(known) > MOST:
        del known[min(known)]


def packed(found: tuple[int, bytes] | None) -> bytes | None:
    return None if found is None else struct.pack("<q", found[0]) + found[1]


@given(told, st.lists(moments, min_size=1, max_size=5))
def test_versions_told_in_any_order(messages: list[tuple[int, bytes | None]], asked: list[int]) -> None:
    versions: Any = kernel().Versions
    state, known = None, dict[int, bytes]()
    for moment, value in messages:
        state = (
            versions.without(state, moment) if value is None else getattr(versions, "with")(state, moment, value, MOST)
        )
        tell(known, moment, value)
        assert (state is None) == (not known)
        for each in asked:
            found = versions.at(state, each)
            assert (None if found is None else bytes(found)) == packed(holding(known, each))


def test_a_state_of_another_layout_is_refused() -> None:
    with pytest.raises(Exception, match="versions in layout 9, this kernel knows 1: start the job without its state"):
        kernel().Versions.at(b"\x09", 1)


def environment(file: Path, rows: list[list[Any]], backend: str) -> TableEnvironment:
    """One slot with `rows` in the table `told`, in their order."""
    file.write_text("".join(",".join(map(str, row)) + "\n" for row in rows), encoding="utf-8")
    created = TableEnvironment.create(EnvironmentSettings.in_streaming_mode())
    settings = {"parallelism.default": "1", "pipeline.jars": JAR.as_uri(), "state.backend.type": backend}
    for key, value in settings.items():
        created.get_config().set(key, value)
    kernel_functions.create(created)
    created.execute_sql(ROWS.format(path=file.as_uri()))
    return created


@pytest.mark.parametrize("backend", ["hashmap", "rocksdb"])
def test_each_row_has_what_held_when_it_came(backend: str, tmp_path: Path) -> None:
    random = Random(7)
    known: dict[str, dict[int, bytes]] = {entity: {} for entity in "abcd"}
    rows, wanted = [], {}
    for number in range(600):
        entity, moment = random.choice("abcd"), random.randint(0, 20)
        asking, value = f"{number}".encode(), random.choice([None, f"v{number}".encode()])
        if random.random() < 0.5:
            rows.append([entity, moment, b64encode(asking).decode(), "null"])
            wanted[asking] = packed(holding(known[entity], moment))
        else:
            rows.append([entity, moment, "null", "null" if value is None else b64encode(value).decode()])
            tell(known[entity], moment, value)
    table_env = environment(tmp_path / "rows.csv", rows, backend)
    with table_env.execute_sql(AS_OF.format(at="at_ms", most=MOST)).collect() as found:
        answered = {bytes(asking): answer and bytes(answer) for asking, answer in found}
    assert answered == wanted
    assert len({*wanted.values()}) > 50


def test_a_wrong_column_is_named_while_planning(tmp_path: Path) -> None:
    table_env = environment(tmp_path / "rows.csv", [], "hashmap")
    with pytest.raises(Exception, match=r"moment => DESCRIPTOR\(answer\): the column is .*; cast it to BIGINT"):
        table_env.explain_sql(AS_OF.format(at="answer", most=MOST))
