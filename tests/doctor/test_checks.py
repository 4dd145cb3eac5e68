"""What does not fit together is found, and said with its remedy."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from localstack.flink_home import FlinkHome
from sluice.doctor import checks
from sluice.doctor.checks import GIB, MIB, Flink, Jars
from sluice.flink_jobs import FLINK_JOBS, named
from sluice.settings import Kafka, Local, Settings

CONFIGURATION = FlinkHome(Settings()).configuration()


@pytest.mark.parametrize(
    ("found", "words"),
    [
        (Flink("2.3.0", "2.3.0", "2.3.0", None), None),
        (Flink("2.3.0", "2.3.0", "2.3.0", "2.3.0"), None),
        (Flink("2.3.0", "2.2.1", "2.3.0", None), "PyFlink and the jars in it differ"),
        (Flink("2.3.0", "2.3.0", "2.4.0", None), "deploy/pom.xml differ"),
        (Flink("2.3.0", "2.3.0", "2.3.0", "2.2.0"), "the cluster that runs is Flink 2.2.0"),
    ],
)
def test_flinks_versions(found: Flink, words: str | None) -> None:
    trouble = checks.flink(found).trouble
    assert trouble is None if words is None else words in str(trouble)


def test_jars_that_are_missing_of_another_version_or_old() -> None:
    fine = Jars(
        ("kafka-1.0", "zstd-jni-1.5.6-10"), ("kafka-1.0.jar", "zstd-jni-1.5.6-10.jar", "other-3.jar"), up_to_date=True
    )
    assert checks.jars({"flink": fine}).trouble is None
    missing = fine._replace(present=("kafka-1.0.jar",))
    assert "zstd-jni-1.5.6-10.jar is missing in build/jars/flink: make setup" in str(
        checks.jars({"flink": missing}).trouble
    )
    twice = fine._replace(present=(*fine.present, "kafka-0.9.jar"))
    assert "holds kafka-0.9.jar, which is not pinned" in str(checks.jars({"flink": twice}).trouble)
    old = fine._replace(up_to_date=False)
    assert "of another pom or source" in str(checks.jars({"flink": old}).trouble)


@pytest.mark.parametrize(
    ("version", "flink", "fits"),
    [
        ("5.0.0-2.2", "2.3.0", True),
        ("5.0.0-2.3", "2.3.0", True),
        ("5.0.0-2.4", "2.3.0", False),
        ("3.4.0-1.20", "2.3.0", False),
        ("5.0.0-2.10", "2.9.0", False),
    ],
)
def test_a_connector_is_for_this_flink_or_an_earlier_minor(version: str, flink: str, fits: bool) -> None:  # noqa: FBT001
    assert (checks.connector(version, flink).trouble is None) == fits


def test_one_processor_for_python_jvm_and_native_code() -> None:
    assert checks.architecture("x86_64", "amd64", {"pemja": "x86_64", "zstd": "x86_64"}).trouble is None
    assert checks.architecture("arm64", "aarch64", {"pemja": "aarch64"}).trouble is None
    assert "the JVM is for aarch64" in str(checks.architecture("x86_64", "aarch64", {}).trouble)
    assert "pemja is for aarch64" in str(checks.architecture("x86_64", "amd64", {"pemja": "aarch64"}).trouble)
    assert "zstd has nothing for riscv64" in str(checks.architecture("riscv64", "riscv64", {"zstd": None}).trouble)


def test_slots_partitions_and_disk() -> None:
    assert checks.slots(Settings(), FLINK_JOBS).trouble is None
    one = Settings(local=Local(task_managers=1, slots=4))
    assert "enrichment 1 + hot_state 1 + alert_episodes 1 + lake 1 is more than 4" in str(
        checks.slots(one, FLINK_JOBS).trouble
    )
    assert checks.slots(one, [named("lake")]).trouble is None
    few = Settings(kafka=Kafka(partitions=1))
    assert "fraud_detection.parallelism 2" in str(checks.partitions(few, FLINK_JOBS).trouble)
    assert checks.partitions(Settings(), FLINK_JOBS).trouble is None
    assert checks.disk("/data", GIB).trouble == "2 GiB are needed: free some"
    assert checks.disk("/data", 3 * GIB).trouble is None


def test_memory_of_the_machine_and_of_a_task_manager() -> None:
    heap = checks.task_manager_heap(CONFIGURATION)
    assert checks.memory(Local(), heap, 24 * GIB, 20 * GIB, running=False).trouble is None
    assert "lower local.task_managers" in str(checks.memory(Local(), heap, 24 * GIB, 8 * GIB, running=False).trouble)
    assert checks.memory(Local(), heap, 24 * GIB, 8 * GIB, running=True).trouble is None
    small = Local(task_manager_memory="1g")
    heap = checks.task_manager_heap(FlinkHome(Settings(local=small)).configuration())
    assert "local.task_manager_memory 1g is too little" in str(
        checks.memory(small, heap, 24 * GIB, 20 * GIB, running=False).trouble
    )


@given(st.integers(1_300, 60_000))
def test_all_memory_but_for_what_flink_takes_goes_to_the_heap(megabytes: int) -> None:
    key = "taskmanager.memory.process.size"
    heap = checks.task_manager_heap({**CONFIGURATION, key: f"{megabytes}m"})
    more = checks.task_manager_heap({**CONFIGURATION, key: f"{megabytes + 100}m"})
    assert heap < megabytes * MIB
    assert 0.9 * 0.9 * 100 * MIB <= more - heap + 2 <= 100 * MIB + 4
