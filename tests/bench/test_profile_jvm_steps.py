"""Samples of a JVM to steps."""

from __future__ import annotations

import pytest

from bench.profile import jvm_steps
from bench.profile.jvm_steps import Sample, by_thread, samples, step

PRINTED = """jdk.ExecutionSample {
  startTime = 08:29:40.980
  sampledThread = "ProcessTableFunction[7] -> Calc[9] (1/2)#0" (javaThreadId = 78)
  state = "STATE_RUNNABLE"
  stackTrace = [
    java.util.HashMap.getNode(Object) line: 570
    sluice.kernel.EntityHistory.update(byte[], Event) line: 50
    ProcessTableRunner$9.callEval()
    ...
  ]
}

jdk.NativeMethodSample {
  startTime = 08:29:40.981
  sampledThread = "a "quoted" name" (javaThreadId = 14)
  state = "STATE_RUNNABLE"
  stackTrace = [
    java.lang.ProcessHandleImpl.waitForProcessExit0(long, boolean)
    java.lang.Thread.run() line: 840
  ]
}

"""
SHADED = "org.apache.flink.kafka.shaded.org.apache.kafka"


def test_samples_are_read_as_they_are_printed() -> None:
    kernel = ("java.util.HashMap.getNode", "sluice.kernel.EntityHistory.update", "ProcessTableRunner$9.callEval")
    waiting = ("java.lang.ProcessHandleImpl.waitForProcessExit0", "java.lang.Thread.run")
    assert list(samples(PRINTED)) == [Sample(78, native=False, frames=kernel), Sample(14, native=True, frames=waiting)]


@pytest.mark.parametrize(
    ("frames", "name"),
    [
        (["java.util.HashMap.getNode", "sluice.kernel.History.eval", "ProcessTableRunner$9.x"], jvm_steps.KERNEL),
        (["ProcessTableRunner$9.callEval", "org.apache.flink.table.runtime.generated.X.y"], jvm_steps.AROUND),
        (["org.apache.flink.runtime.state.heap.CopyOnWriteStateMap.get", "sluice.kernel.B.x"], jvm_steps.STATE),
        (["sun.nio.ch.EventFD.set0", f"{SHADED}.clients.NetworkClient.wakeup", f"{SHADED}.clients.producer.K.send"],
         jvm_steps.SINK),
        ([f"{SHADED}.common.compress.Lz4BlockOutputStream.<init>", f"{SHADED}.clients.producer.K.send"], jvm_steps.LZ4),
        (["pemja.core.PythonInterpreter.invoke", "sluice.kernel.PythonStep.flush"], jvm_steps.PYTHON),
        (["java.lang.System.arraycopy", "sluice.kernel.Batch.take", "sluice.kernel.PythonStep.flush"],
         jvm_steps.BATCHES),
        (["org.apache.flink.table.data.utils.JoinedRowData.getArity", "StreamExecCalc$15.processElement"],
         jvm_steps.GENERATED),
        (["org.apache.flink.streaming.runtime.tasks.ChainingOutput.collect", "StreamExecCalc$15.processElement"],
         jvm_steps.LOOP),
        (["org.apache.flink.runtime.io.network.api.writer.RecordWriter.emit", "KeyProjection$0.x"], jvm_steps.EXCHANGE),
        (["org.apache.flink.connector.kafka.source.reader.KafkaRecordEmitter.emitRecord"], jvm_steps.SOURCE),
        (["java.lang.Thread.run"], jvm_steps.OTHER),
        ([], jvm_steps.OTHER),
    ],
)  # fmt: skip
def test_the_innermost_telling_frame_decides(frames: list[str], name: str) -> None:
    assert step(frames) == name


def test_a_look_at_native_code_counts_for_the_turns_that_it_had_to_wait() -> None:
    def native(thread: int, frame: str) -> Sample:
        return Sample(thread, native=True, frames=(frame,))

    # Three threads are always in native code; so each has its turn at every third look, and so would the fourth.
    waiting = [native(thread, "sun.nio.ch.EPoll.wait") for thread in (1, 2, 3) for _ in range(10)]
    working = [native(4, "net.jpountz.lz4.LZ4JNI.compress")] * 2
    running = [Sample(4, native=False, frames=("sluice.kernel.History.eval",))] * 5
    seen = by_thread([*waiting, *working, *running])
    assert seen[4] == pytest.approx({jvm_steps.LZ4: 2 * 3.2, jvm_steps.KERNEL: 5})


def test_without_native_code_each_look_counts_once() -> None:
    assert by_thread([Sample(4, native=False, frames=("sluice.kernel.X.y",))] * 3) == {4: {jvm_steps.KERNEL: 3}}
