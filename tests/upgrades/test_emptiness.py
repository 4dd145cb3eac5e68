"""What waits to be committed is seen, and a committer for which nothing waits says nothing."""

from __future__ import annotations

import struct
from typing import Any

import pytest

from sluice.upgrades import emptiness, java

COMMITTER = "streaming_committer_raw_states"


def committer(*waiting: str) -> Any:
    """A handle on the saved list of a committer with these committables, behind the length that Flink puts there."""
    flink = java.jvm().org.apache.flink
    sink, groups = flink.streaming.api.connector.sink2, flink.runtime.metrics.groups
    committables = flink.streaming.runtime.operators.sink.committables
    group = groups.InternalSinkCommitterMetricGroup.wrap(
        groups.UnregisteredMetricGroups.createUnregisteredOperatorMetricGroup()
    )
    collector = committables.CommittableCollector.of(group)
    collector.addMessage(sink.CommittableSummary(0, 1, 7, len(waiting), 0))
    for each in waiting:
        collector.addMessage(sink.CommittableWithLineage(each, 7, 0))
    as_text = flink.streaming.api.functions.sink.filesystem.bucketassigners.SimpleVersionedStringSerializer.INSTANCE
    serializer = committables.CommittableCollectorSerializer(as_text, 0, 1, group)
    content = bytes(flink.core.io.SimpleVersionedSerialization.writeVersionAndSerialize(serializer, collector))
    return flink.runtime.state.memory.ByteStreamStateHandle("list", struct.pack(">i", len(content)) + content)


@pytest.mark.parametrize(("waiting", "nothing"), [((), True), (("a",), False), (("a", "b"), False)])
def test_what_waits_to_be_committed_is_seen(waiting: tuple[str, ...], *, nothing: bool) -> None:
    assert emptiness._says_nothing(committer(*waiting), COMMITTER, 0) is nothing


def test_any_other_list_says_something() -> None:
    assert not emptiness._says_nothing(committer(), "bucket-states", 0)


def test_what_does_not_pass_for_text_waits_too() -> None:
    content = bytes(committer("a").getData())
    damaged = java.jvm().org.apache.flink.runtime.state.memory.ByteStreamStateHandle("list", content[:-1])
    assert not emptiness._says_nothing(damaged, COMMITTER, 0)
