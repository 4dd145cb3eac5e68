"""The operators of a job as its code would submit it now, with the state that they declare."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from pyflink.table import StatementSet, StreamTableEnvironment

from sluice import streaming_job
from sluice.settings import Settings
from sluice.upgrades import java
from sluice.upgrades.operators import Planned, State

Build = Callable[[StreamTableEnvironment, Settings], StatementSet]

_FUNCTION = "ProcessTableOperatorFactory"
_SOURCE = "SourceOperatorFactory"
_OPERATOR = "SimpleUdfStreamOperatorFactory"
_UNSET = -1
_PATTERN = "CepOperator"
_WAITING = "eventQueuesStateName"
_OF_A_PATTERN = {
    _WAITING: "map",
    "nfaStateName": "value",
    "sharedBuffer-entries-with-lockable-edges": "map",
    "sharedBuffer-events": "map",
    "sharedBuffer-events-count": "map",
}
"""What Flink's CepOperator and its SharedBuffer keep; rows stand in the first and in the events."""


def read(build: Build, settings: Settings) -> list[Planned]:
    """Plan the job that `build` makes, without any server; all its operators. Raises what `build` raises."""
    java.jvm()
    table_env = streaming_job.environment()
    table_env.get_config().set("pipeline.jars", ";".join(java.jars()))
    return planned(table_env, build(table_env, settings))


def planned(table_env: StreamTableEnvironment, statements: StatementSet) -> list[Planned]:
    """All operators of the job that `statements` make."""
    graph = _graph(table_env, statements)
    hasher = java.jvm().org.apache.flink.streaming.api.graph.StreamGraphHasherV2()
    ids = hasher.traverseStreamGraphAndGenerateHashes(graph)
    return [_operator(node, ids) for node in java.each(graph.getStreamNodes())]


def _graph(table_env: StreamTableEnvironment, statements: StatementSet) -> Any:
    """What `statements.execute()` would hand to Flink."""
    environment = table_env._j_tenv  # noqa: SLF001 - PyFlink has no other way to the plan
    operations = statements._j_statement_set.getOperations()  # noqa: SLF001
    steps = environment.getPlanner().translate(operations)
    executor = java.field(environment, "execEnv")
    return executor.createPipeline(steps, environment.getConfig().getConfiguration(), "plan")


def _operator(node: Any, ids: Any) -> Planned:
    key, most = node.getStateKeySerializer(), node.getMaxParallelism()
    factory = node.getOperatorFactory()
    kind = "" if factory is None else java.simple_name(factory)
    return Planned(
        id=node.getUserHash() or bytes(ids.get(node.getId())).hex(),
        name=node.getOperatorName(),
        uid=node.getTransformationUID(),
        parallelism=node.getParallelism(),
        max_parallelism=None if most == _UNSET else most,
        remembers=key is not None or kind == _SOURCE,
        key=None if key is None else java.planned_schema(key),
        states=_states(factory, kind),
    )


def _states(factory: Any, kind: str) -> tuple[State, ...] | None:
    if kind == _FUNCTION:
        return tuple(_declared(factory))
    if kind == _OPERATOR and java.simple_name(operator := factory.getOperator()) == _PATTERN:
        return tuple(_of_a_pattern(java.field(operator, "inputSerializer")))
    return None


def _of_a_pattern(rows: Any) -> Iterator[State]:
    """The states of MATCH_RECOGNIZE: where rows wait for their turn says in which form all rows are kept."""
    base = java.jvm().org.apache.flink.api.common.typeutils.base
    waiting = base.MapSerializer(base.LongSerializer.INSTANCE, base.ListSerializer(rows))
    for name, kind in _OF_A_PATTERN.items():
        yield State(name, kind, java.planned_schema(waiting) if name == _WAITING else None)


def _declared(factory: Any) -> Iterator[State]:
    """The states of a process table function, written as Flink's AbstractProcessTableOperator does when it opens.

    Their values are not compared where they have a time to live, since then Flink wraps them in another format.
    """
    for info in java.each(java.field(factory, "stateInfos")):
        kind, serializer = _serializer(info.getDataType())
        schema = None if info.getTimeToLive() else java.planned_schema(serializer)
        yield State(info.getStateName(), kind, schema)


def _serializer(data_type: Any) -> tuple[str, Any]:
    flink = java.jvm().org.apache.flink
    views, is_view = flink.table.api.dataview, flink.table.runtime.dataview.DataViewUtils.isDataView
    external = flink.table.runtime.typeutils.ExternalSerializer.of
    base = flink.api.common.typeutils.base
    kind = data_type.getLogicalType()
    if is_view(kind, _class(views.MapView)):
        of = data_type.getChildren().get(0)
        return "map", base.MapSerializer(external(of.getKeyDataType()), external(of.getValueDataType()))
    if is_view(kind, _class(views.ListView)):
        of = data_type.getChildren().get(0)
        return "list", base.ListSerializer(external(of.getElementDataType()))
    return "value", flink.table.runtime.typeutils.InternalSerializers.create(kind)


def _class(java_class: Any) -> Any:
    return java.class_loader().loadClass(java_class._fqn)  # noqa: SLF001 - py4j hands over no class object
