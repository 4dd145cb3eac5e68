"""Whether state is there in name only: Flink writes an entry for each sink, even one that never has anything in it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from py4j.protocol import Py4JJavaError

from sluice.upgrades import java

_COMMITTER = "streaming_committer_raw_states"
_OTHERS = ("RawOperatorState", "ManagedKeyedState", "RawKeyedState", "InputChannelState", "ResultSubpartitionState")


def is_empty(operator: Any, subtasks: list[Any]) -> bool:
    """Whether the saved `operator` with its `subtasks` would miss nothing without its state."""
    if operator.getCoordinatorState() is not None:
        return False
    if not all(getattr(subtask, f"get{kind}")().isEmpty() for subtask in subtasks for kind in _OTHERS):
        return False
    handles = [handle for subtask in subtasks for handle in java.each(subtask.getManagedOperatorState())]
    return all(_says_nothing(handle, name, offset) for handle in handles for name, offset in _elements(handle))


def _elements(handle: Any) -> Iterator[tuple[str, int]]:
    """Name and place of each element of the operator's lists."""
    for entry in java.each(handle.getStateNameToPartitionOffsets().entrySet()):
        for offset in entry.getValue().getOffsets():
            yield entry.getKey(), offset


def _says_nothing(handle: Any, name: str, offset: int) -> bool:
    """A committer keeps a list of what waits to be committed, which is empty for sinks that write at least once."""
    if name != _COMMITTER:
        return False
    flink = java.jvm().org.apache.flink
    metrics = flink.runtime.metrics.groups
    group = metrics.InternalSinkCommitterMetricGroup.wrap(
        metrics.UnregisteredMetricGroups.createUnregisteredOperatorMetricGroup()
    )
    committables = flink.streaming.runtime.operators.sink.committables
    # What waits need not be understood, only seen. Where it does not even pass for text, reading fails.
    as_text = flink.streaming.api.functions.sink.filesystem.bucketassigners.SimpleVersionedStringSerializer.INSTANCE
    serializer = committables.CommittableCollectorSerializer(as_text, 0, 1, group)
    with java.closing(handle.openInputStream()) as stream:
        stream.seek(offset)
        view = flink.core.memory.DataInputViewStreamWrapper(stream)
        view.readInt()  # the length of all that follows
        try:
            found = flink.core.io.SimpleVersionedSerialization.readVersionAndDeSerialize(serializer, view)
        except Py4JJavaError:
            return False
    return bool(found.isFinished())
