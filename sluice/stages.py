"""Parts of a streaming job that keep their state whatever becomes of the other parts."""

from __future__ import annotations

from collections.abc import Mapping

from pyflink.java_gateway import get_gateway
from pyflink.table import StreamTableEnvironment, Table
from pyflink.util.java_utils import add_jars_to_context_class_loader


def add(table_env: StreamTableEnvironment, inputs: Mapping[str, str], view: str) -> None:
    """The new view `view`: the rows of all `inputs`, name of a stage to its table or view.

    Each is planned by itself, and what keeps state in it has a uid that begins with its name, so that Flink finds the
    state again when other stages come, change or go. All have the same columns, none of them a time attribute. A stage
    with two operators of one kind that keep state is refused.
    """
    gateway = get_gateway()
    names, tables = gateway.jvm.java.util.ArrayList(), gateway.jvm.java.util.ArrayList()
    for name, source in inputs.items():
        names.add(name)
        tables.add(table_env.from_path(source)._j_table)  # noqa: SLF001 - PyFlink has no public way to Java's tables
    if jars := table_env.get_config().get("pipeline.jars", ""):
        # The thread of Java that answers may be another than when the jars were set, with another class loader.
        add_jars_to_context_class_loader(jars.split(";"))
    together = gateway.jvm.sluice.kernel.Stages.union(table_env._j_tenv, names, tables)  # noqa: SLF001
    table_env.create_temporary_view(view, Table(together, table_env))


def name_sink(table_env: StreamTableEnvironment, name: str) -> None:
    """Give the operators of the one statement that is planned last uids that begin with `name`."""
    config = table_env.get_config()
    config.set("table.exec.uid.generation", "ALWAYS")
    config.set("table.exec.uid.format", f"{name}_<transformation>")
