"""Vectorised Python as a step between two tables, run by the kernel inside the TaskManager's own process."""

from __future__ import annotations

import sys
from dataclasses import dataclass
from typing import Any

from pyflink.java_gateway import get_gateway
from pyflink.table import StreamTableEnvironment, Table

# An interpreter inside a JVM does not know by itself the environment that its executable stands in.
_PROGRAM = """\
import site, sys
sys.executable = {interpreter!r}
site.main()
from udfs import batches
call = batches.opened({function!r}, {arguments!r})
"""


@dataclass(frozen=True)
class Step:
    """`function` is `module:name` of what takes `arguments`, plain values, and gives a `batches.Call`.

    The name is the step's uid too, and that of the source that it reads is `<name>_source`.
    """

    name: str
    function: str
    arguments: dict[str, Any]


@dataclass(frozen=True)
class Batching:
    """A row waits until there are `rows` for one call, at most `wait_ms`."""

    rows: int
    wait_ms: int


def add(table_env: StreamTableEnvironment, source: str, step: Step, view: str, batching: Batching) -> None:
    """From the table or view `source` to the new view `view`, of one column with that name: what the step answers.

    Flink's setting `python.executable` says which Python the TaskManagers take. Raises what Java raises where a column
    of `source` is not of BYTES, INT, BIGINT or a timestamp.
    """
    interpreter = table_env.get_config().get("python.executable", sys.executable)
    stepped = get_gateway().jvm.sluice.kernel.PythonSteps.add(
        table_env._j_tenv,  # noqa: SLF001 - PyFlink has no public way from its tables to Java's
        table_env.from_path(source)._j_table,  # noqa: SLF001
        step.name,
        view,
        interpreter,
        _PROGRAM.format(interpreter=interpreter, function=step.function, arguments=step.arguments),
        batching.rows,
        batching.wait_ms,
    )
    table_env.create_temporary_view(view, Table(stepped, table_env))
