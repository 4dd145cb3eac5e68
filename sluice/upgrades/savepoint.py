"""What a savepoint or checkpoint holds, read from its `_metadata` by Flink's own classes."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

from py4j.protocol import Py4JJavaError

from localstack.errors import ServerError
from localstack.flink_checkpoints import METADATA
from localstack.java_traces import innermost_cause
from sluice.upgrades import java
from sluice.upgrades.emptiness import is_empty
from sluice.upgrades.operators import Saved, State

_KEY_VALUE = "KEY_VALUE"
_TIMERS = "PRIORITY_QUEUE"


def read(uri: str) -> list[Saved]:
    """Every operator that has state in the savepoint at `uri`, which must be a file's.

    Raises ServerError where it lies elsewhere, or can't be read.
    """
    place = urlsplit(uri)
    if place.scheme != "file":
        raise ServerError(f"{uri} is not on this machine; copy the savepoint's folder here and name the copy")
    try:
        return list(_operators(Path(unquote(place.path))))
    except Py4JJavaError as error:
        cause = innermost_cause(str(error.java_exception))
        raise ServerError(f"{uri} can't be read: {cause}") from error


def _operators(folder: Path) -> Iterator[Saved]:
    jvm = java.jvm()
    with java.closing(jvm.java.io.FileInputStream(str(folder / METADATA))) as stream:
        data = jvm.java.io.DataInputStream(stream)
        checkpoints = jvm.org.apache.flink.runtime.checkpoint.Checkpoints
        metadata = checkpoints.loadCheckpointMetadata(data, java.class_loader(), folder.as_uri())
    for operator in java.each(metadata.getOperatorStates()):
        subtasks = list(java.each(operator.getStates()))
        if operator.getCoordinatorState() is not None or any(each.hasState() for each in subtasks):
            yield _operator(operator, subtasks)


def _operator(operator: Any, subtasks: list[Any]) -> Saved:
    identity = operator.getOperatorID().toString()
    states: dict[str, State] = {}
    key = None
    for handle in (each for subtask in subtasks for each in java.each(subtask.getManagedKeyedState())):
        proxy = _keyed(handle)
        key = java.saved_schema(proxy.getKeySerializerSnapshot())
        states |= _by_name(proxy.getStateMetaInfoSnapshots())
    for handle in (each for subtask in subtasks for each in java.each(subtask.getManagedOperatorState())):
        proxy = _read(handle, java.jvm().org.apache.flink.runtime.state.OperatorBackendSerializationProxy)
        states |= _by_name(proxy.getOperatorStateMetaInfoSnapshots())
        states |= _by_name(proxy.getBroadcastStateMetaInfoSnapshots())
    return Saved(
        id=identity,
        name=operator.getOperatorName().orElse(identity),
        uid=operator.getOperatorUid().orElse(None),
        max_parallelism=operator.getMaxParallelism(),
        size=operator.getStateSize(),
        key=key,
        states=tuple(states.values()),
        empty=is_empty(operator, subtasks),
    )


def _keyed(handle: Any) -> Any:
    """An incremental snapshot has its description in a file of its own, every other at its beginning."""
    incremental = java.simple_name(handle).startswith("Incremental")
    described = handle.getMetaDataStateHandle() if incremental else handle
    return _read(described, java.jvm().org.apache.flink.runtime.state.KeyedBackendSerializationProxy)


def _read(handle: Any, proxy_class: Any) -> Any:
    proxy = proxy_class(java.class_loader())
    with java.closing(handle.openInputStream()) as stream:
        proxy.read(java.jvm().org.apache.flink.core.memory.DataInputViewStreamWrapper(stream))
    return proxy


def _by_name(snapshots: Any) -> dict[str, State]:
    """Timers are no state that a function would declare."""
    found = (_state(each) for each in java.each(snapshots) if str(each.getBackendStateType()) != _TIMERS)
    return {each.name: each for each in found}


def _state(snapshot: Any) -> State:
    kind = str(snapshot.getBackendStateType())
    if kind == _KEY_VALUE:
        kind = snapshot.getOptionsImmutable().get("KEYED_STATE_TYPE")
    schema = snapshot.getTypeSerializerSnapshot("VALUE_SERIALIZER")
    return State(snapshot.getName(), kind.lower(), java.saved_schema(schema) if schema is not None else None)
