"""What `sluice doctor` holds against each other, as plain functions of what was found."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

from sluice.flink_jobs import FlinkJob
from sluice.settings import Local, Settings

GIB = 1024**3
MIB = 1024**2
# Messages, checkpoints and logs of some hours of a demo's traffic.
FREE_BYTES_AT_LEAST = 2 * GIB
# Beside the TaskManagers: JobManager 1.2 GB, Kafka 0.7, LocalStack with DynamoDB 0.8, a client that submits 0.5.
OTHER_SERVERS_BYTES = int(3.2 * GIB)
_UNITS = {"k": 1024, "m": MIB, "g": GIB}
# Flink's own, where neither it nor deploy/flink/config.yaml sets another.
_FRAMEWORK_HEAP = _FRAMEWORK_OFF_HEAP = 128 * MIB
_OVERHEAD = (0.1, 192 * MIB, GIB)
_NETWORK = (0.1, 64 * MIB)
_SAME = {"amd64": "x86_64", "arm64": "aarch64"}


class Check(NamedTuple):
    """`trouble` says what does not fit and what to do, in one line."""

    name: str
    found: str
    trouble: str | None = None


class Flink(NamedTuple):
    """Versions: of PyFlink, of the jars that it brings, of deploy/pom.xml, and of the cluster if one runs."""

    package: str
    jars: str
    pinned: str
    running: str | None


class Jars(NamedTuple):
    """The pins of a profile of deploy/pom.xml, `artifact-version`; the jars in its folder; whether they are of now."""

    pinned: tuple[str, ...]
    present: tuple[str, ...]
    up_to_date: bool


def size(text: str) -> int:
    """Bytes of `4g`, `512m` or `1048576`."""
    return int(text[:-1]) * _UNITS[text[-1].lower()] if text[-1].isalpha() else int(text)


def architecture_name(name: str) -> str:
    """One spelling of those that Python, Java and jars use."""
    return _SAME.get(name.lower(), name.lower())


def flink(found: Flink) -> Check:
    words = f"PyFlink {found.package}, jars {found.jars}, pinned {found.pinned}"
    trouble = None
    if found.package != found.jars:
        trouble = "PyFlink and the jars in it differ: rm -rf .venv && make setup"
    elif found.package != found.pinned:
        trouble = "setup.py and flink.version in deploy/pom.xml differ: set both alike, make lock, make setup"
    elif found.running not in {None, found.package}:
        trouble = f"the cluster that runs is Flink {found.running}: sluice down, then sluice up"
    return Check("Flink", words, trouble)


def jars(found: Mapping[str, Jars]) -> Check:
    """Whether each profile's folder holds what is pinned, and nothing of another version."""
    wrong = [
        f"{pin}.jar is missing in build/jars/{profile}"
        for profile, each in found.items()
        for pin in each.pinned
        if f"{pin}.jar" not in each.present
    ]
    for profile, each in found.items():
        names = tuple(f"{pin.rsplit('-', 1)[0]}-" for pin in each.pinned)
        pinned = {f"{pin}.jar" for pin in each.pinned}
        strange = [jar for jar in each.present if jar.startswith(names) and jar not in pinned]
        wrong += [f"build/jars/{profile} holds {jar}, which is not pinned" for jar in strange]
    wrong += [f"build/jars/{profile} is of another pom or source" for profile, x in found.items() if not x.up_to_date]
    count = sum(len(each.present) for each in found.values())
    trouble = f"{wrong[0]}{f' (and {len(wrong) - 1} more)' if len(wrong) > 1 else ''}: make setup" if wrong else None
    return Check("jars", f"{count} in {len(found)} sets, as in deploy/pom.xml" if not wrong else f"{count}", trouble)


def connector(version: str, flink_version: str) -> Check:
    """A connector's version ends in the Flink that it was built for: the same major, and not a later minor."""
    built_for, wanted = (tuple(map(int, each.split(".")[:2])) for each in (version.rpartition("-")[2], flink_version))
    fits = built_for[0] == wanted[0] and built_for <= wanted
    trouble = None if fits else f"it does not go with Flink {flink_version}: pin another in deploy/pom.xml"
    return Check("Kafka connector", version, trouble)


def architecture(python: str, java: str | None, libraries: Mapping[str, str | None]) -> Check:
    """Python, the JVM and native libraries run in one process, so they must be for one kind of processor.

    `libraries`: name to its architecture, None where there is none for this machine.
    """
    expected = architecture_name(python)
    for name, other in {"the JVM": java, **libraries}.items():
        if other is None:
            return Check("architecture", expected, f"{name} has nothing for {expected}: take another machine or build")
        if architecture_name(other) != expected:
            return Check(
                "architecture", expected, f"{name} is for {other}, Python for {expected}: install both for one"
            )
    return Check("architecture", f"{expected}: Python, JVM, {', '.join(libraries)}")


def task_manager_heap(configuration: Mapping[str, object]) -> int:
    """Bytes that Flink leaves for the heap of a TaskManager's tasks; it does not start with less than none."""

    def configured(key: str) -> int:
        return size(str(configuration[key]))

    process = configured("taskmanager.memory.process.size")
    share, least, most = _OVERHEAD
    total = process - configured("taskmanager.memory.jvm-metaspace.size") - min(max(int(share * process), least), most)
    share, least = _NETWORK
    network = min(max(int(share * total), least), configured("taskmanager.memory.network.max"))
    off_heap = configured("taskmanager.memory.task.off-heap.size") + _FRAMEWORK_OFF_HEAP
    return total - network - off_heap - _FRAMEWORK_HEAP - configured("taskmanager.memory.managed.size")


def memory(local: Local, heap: int, total: int, available: int, *, running: bool) -> Check:
    """Whether TaskManagers fit into the machine (bytes), and what Flink takes of each leaves some for its tasks."""
    need = local.task_managers * size(local.task_manager_memory) + OTHER_SERVERS_BYTES
    limit = total if running else available
    words = f"{need / GIB:.1f} GiB for all servers, {limit / GIB:.1f} GiB {'in all' if running else 'free'}"
    if heap <= 0:
        parts = "its metaspace, network and Python's memory take more"
        return Check("memory", words, f"local.task_manager_memory {local.task_manager_memory} is too little: {parts}")
    if need > limit:
        return Check("memory", words, "lower local.task_managers or local.task_manager_memory, or free some")
    return Check("memory", f"{words}, {heap / GIB:.1f} GiB heap a TaskManager")


def slots(settings: Settings, jobs: Iterable[FlinkJob]) -> Check:
    """Whether all of `jobs` run at once on the task managers of the settings."""
    wanted = {job.name: job.parallelism(settings) for job in jobs}
    need, local = sum(wanted.values()), settings.local
    have = local.task_managers * local.slots
    words = f"{have} on {local.task_managers} TaskManagers, the jobs take {need}"
    if need <= have:
        return Check("slots", words)
    sums = " + ".join(f"{name} {number}" for name, number in wanted.items())
    return Check("slots", words, f"{sums} is more than {have}: raise local.slots or local.task_managers")


def partitions(settings: Settings, jobs: Iterable[FlinkJob]) -> Check:
    """A subtask beyond the number of partitions reads nothing."""
    number = settings.kafka.partitions
    for job in jobs:
        parallelism = job.parallelism(settings)
        if parallelism > number:
            trouble = f"{job.name}.parallelism {parallelism} leaves subtasks idle: lower it, or raise kafka.partitions"
            return Check("partitions", f"{number}", trouble)
    return Check("partitions", f"{number}, enough for each job's parallelism")


def disk(place: str, free: int) -> Check:
    words = f"{free / GIB:.1f} GiB free at {place}"
    least = f"{FREE_BYTES_AT_LEAST / GIB:.0f} GiB"
    return Check("disk", words, None if free >= FREE_BYTES_AT_LEAST else f"{least} are needed: free some")


def troubles(checks: Sequence[Check]) -> list[str]:
    return [f"{each.name}: {each.trouble}" for each in checks if each.trouble is not None]
