"""Samples of a JVM to the steps of the job: by the innermost frame that tells what is done."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator
from typing import NamedTuple

KERNEL = "kernel functions"
AROUND = "Flink around the kernel functions"
STATE = "keyed state and its snapshots"
PYTHON = "in Python"
BATCHES = "rows to Python and back"
SOURCE = "Kafka source"
SINK = "Kafka sink and producer"
LZ4 = "lz4"
EXCHANGE = "exchange between tasks"
GENERATED = "generated code and SQL operators"
LOOP = "handing on within a task, its loop"
OTHER = "other"

# A frame belongs to the first step one of whose beginnings it has. What is used everywhere (collections, buffers, rows,
# metrics) stands nowhere, so that it counts for its caller.
STEPS: tuple[tuple[str, tuple[str, ...]], ...] = (
    (PYTHON, ("pemja.",)),
    (BATCHES, ("sluice.kernel.PythonStep", "sluice.kernel.Batch")),
    (KERNEL, ("sluice.kernel.",)),
    (LZ4, ("net.jpountz.", "org.apache.kafka.common.compress.")),
    (
        STATE,
        (
            "org.apache.flink.runtime.state.",
            "org.apache.flink.runtime.checkpoint.",
            "org.apache.flink.table.runtime.dataview.",
        ),
    ),
    (
        SOURCE,
        (
            "org.apache.kafka.clients.consumer.",
            "org.apache.flink.connector.kafka.source.",
            "org.apache.flink.connector.base.source.",
            "org.apache.flink.formats.raw.RawFormatDeserialization",
            "org.apache.flink.streaming.api.operators.SourceOperator",
            "org.apache.flink.streaming.connectors.kafka.table.DynamicKafkaDeserialization",
        ),
    ),
    (
        SINK,
        (
            "org.apache.kafka.clients.producer.",
            "org.apache.flink.connector.kafka.sink.",
            "org.apache.flink.formats.raw.RawFormatSerialization",
            "org.apache.flink.streaming.connectors.kafka.table.DynamicKafkaRecordSerialization",
            "org.apache.flink.streaming.runtime.operators.sink.",
            "org.apache.flink.table.runtime.operators.sink.",
        ),
    ),
    (
        AROUND,
        (
            "ProcessTableRunner$",
            "org.apache.flink.table.runtime.generated.ProcessTableRunner",
            "org.apache.flink.table.runtime.operators.process.",
        ),
    ),
    (
        GENERATED,
        (
            "generated ",
            "org.apache.flink.table.runtime.generated.",
            "org.apache.flink.table.runtime.operators.",
        ),
    ),
    (
        EXCHANGE,
        (
            "org.apache.flink.runtime.io.",
            "org.apache.flink.runtime.plugable.",
            "org.apache.flink.streaming.runtime.io.",
            "org.apache.flink.streaming.runtime.partitioner.",
        ),
    ),
    (
        LOOP,
        (
            "org.apache.flink.streaming.runtime.tasks.",
            "org.apache.flink.streaming.api.operators.",
        ),
    ),
)

_SAMPLE = re.compile(r"^jdk\.(Execution|NativeMethod)Sample \{$(.*?)^\}$", re.MULTILINE | re.DOTALL)
_THREAD = re.compile(r"sampledThread = .*\(javaThreadId = (\d+)\)$", re.MULTILINE)
_FRAME = re.compile(r"^ {4}(\S.*?)\(", re.MULTILINE)
_SHADED = re.compile(r"^org\.apache\.flink\.(?:kafka|api\.python)\.shaded\.")
# Flink's planner gives the classes that it writes no package, and a number: StreamExecCalc$15.
_GENERATED = re.compile(r"^(?!ProcessTableRunner\$)\w+\$\d+[.$]")


class Sample(NamedTuple):
    """One look at a thread; `frames` as `package.Class.method`, the innermost first."""

    thread: int
    native: bool
    frames: tuple[str, ...]


def samples(printed: str) -> Iterator[Sample]:
    """What `jfr print` shows of `jdk.ExecutionSample` and `jdk.NativeMethodSample`."""
    for kind, body in _SAMPLE.findall(printed):
        thread = _THREAD.search(body)
        if thread is not None:
            yield Sample(int(thread[1]), kind == "NativeMethod", tuple(_FRAME.findall(body)))


def step(frames: Iterable[str]) -> str:
    """The step that the innermost telling frame belongs to."""
    for each in frames:
        frame = _SHADED.sub("", each)
        if _GENERATED.match(frame):
            frame = f"generated {frame}"
        for name, beginnings in STEPS:
            if frame.startswith(beginnings):
                return name
    return OTHER


def by_thread(found: Iterable[Sample]) -> dict[int, dict[str, float]]:
    """How often each thread was seen in each step, by Java's number of the thread.

    Each time, the JVM looks at every thread that runs Java code, but at one only of those in native code, in turn. Most
    of those wait for ever, and one that is always there tells how rarely each has its turn: a look at one counts as
    much more as there are turns to wait.
    """
    looks = list(found)
    turns = Counter(each.thread for each in looks if each.native)
    share = turns.total() / max(turns.values()) if turns else 1.0
    seen: dict[int, dict[str, float]] = {}
    for each in looks:
        steps = seen.setdefault(each.thread, {})
        name = step(each.frames)
        steps[name] = steps.get(name, 0.0) + (share if each.native else 1.0)
    return seen
