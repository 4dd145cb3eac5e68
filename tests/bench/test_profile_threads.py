"""Threads of a JVM to what they are for."""

from __future__ import annotations

import pytest

from bench.profile.thread_groups import OTHER, JavaThread, called, group, java_threads

SOURCE = (
    "Source: KafkaSource-default_catalog.default_database.transactions -> Calc[2] -> TableToDataStream -> gate "
    "-> (DataStreamToTable -> Calc[3], DataStreamToTable -> Calc[13] -> "
    "ConstraintEnforcer[14] -> outputs[14]: Writer -> outputs[14]: Committer) (1/2)#0"
)
DECIDING = (
    "ProcessTableFunction[7] -> TableToDataStream -> decide -> DataStreamToTable -> (Calc[9] -> "
    "outputs[10]: Writer -> outputs[10]: Committer, "
    "Calc[11] -> outputs[12]: Writer -> outputs[12]: Committer) (2/2)#3"
)
FUNCTIONS = {"ProcessTableFunction[7]": "history"}

DUMP = f"""2026-11-22 08:32:10
Full thread dump OpenJDK 64-Bit Server VM (17.0.15+6 mixed mode, sharing):

"main" #1 prio=5 os_prio=0 cpu=23.96ms elapsed=94.18s tid=0x00007f7e88019fe0 nid=0x4a3a waiting on condition
   java.lang.Thread.State: TIMED_WAITING (sleeping)
\tat java.lang.Thread.sleep(java.base@17.0.15/Native Method)

"a "quoted" name" #12 daemon prio=5 os_prio=0 cpu=1.5ms elapsed=9.1s tid=0x00007f23 nid=0x1e42 runnable
"{DECIDING}" #77 prio=5 os_prio=0 cpu=9ms elapsed=58.2s tid=0x00007f7e2817 nid=0x4cab in Object.wait()
"newer" #30 [19117] daemon prio=9 os_prio=0 cpu=1ms elapsed=1s tid=0x00007f7e nid=19117 runnable
"GC Thread#1" os_prio=0 cpu=1570.97ms elapsed=88.90s tid=0x00007f7e40001280 nid=0x4b0e runnable
"""


def test_threads_are_known_by_the_kernels_number() -> None:
    assert java_threads(DUMP) == {
        0x4A3A: JavaThread("main", 1),
        0x1E42: JavaThread('a "quoted" name', 12),
        0x4CAB: JavaThread(DECIDING, 77),
        19117: JavaThread("newer", 30),
        0x4B0E: JavaThread("GC Thread#1", None),
    }


@pytest.mark.parametrize(
    ("name", "words"),
    [
        (SOURCE, "task transactions → gate → outputs"),
        (DECIDING, "task history → decide → outputs"),
        (f"Source Data Fetcher for {SOURCE}", "Kafka source's fetchers"),
        (f"OutputFlusher for {DECIDING}", "timers and flushers"),
        (f"System Time Trigger for {DECIDING}", "timers and flushers"),
        ("kafka-producer-network-thread | producer-3", "Kafka producers' network"),
        ("C2 CompilerThread1", "JIT compilers"),
        ("GC Thread#0", "garbage collector"),
        ("VM Thread", "the JVM's own"),
        ("pool-10-thread-1", OTHER),
        ("AsyncOperations-thread-1", "checkpoints being written"),
        ("flink-pekko.actor.default-dispatcher-13", "Flink's RPC, metrics and network"),
        ("process reaper (pid 19676)", OTHER),
    ],
)
def test_a_thread_is_grouped_by_its_name(name: str, words: str) -> None:
    assert group(name, FUNCTIONS) == words


def test_a_task_that_calls_no_known_function_keeps_its_operators() -> None:
    assert group("GlobalWindowAggregate[5] -> Calc[6] (1/2)#0", {}) == "task GlobalWindowAggregate → Calc"


def test_functions_are_found_in_the_plan() -> None:
    nodes = [
        {
            "description": "[2]:Calc(select=[value, source_partition])<br/>+- gate<br/>   +- [3]:Calc("
            "select=[part(gated, 1) AS customer_bucket], where=[part(gated, 9) IS NULL])<br/>"
        },
        {
            "description": "[7]:ProcessTableFunction(invocation=[history(TABLE(#0) PARTITION BY($1), "
            "_UTF-16LE&#39;history&#39;)], uid=[history])<br/>+- [8]:Calc(select=[gated, earlier, profile])<br/>"
        },
    ]
    assert called({"plan": {"nodes": nodes}}) == FUNCTIONS
