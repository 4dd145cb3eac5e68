"""The checks in their order: all of them for `sluice doctor`, the quick ones before jobs are submitted."""

from __future__ import annotations

import platform
import shutil
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

import psutil

from localstack.errors import ServerError
from localstack.flink import JOB_MANAGER
from localstack.flink_home import FlinkHome
from localstack.ports import check_addresses, check_port
from localstack.stack import Component, Stack
from sluice.commands import preflight
from sluice.doctor import checks, machine
from sluice.doctor.checks import Check
from sluice.errors import SluiceError
from sluice.flink_jobs import FLINK_JOBS, FlinkJob
from sluice.keys import sources
from sluice.settings import Settings
from udfs.checked_yaml import WrongFileError
from udfs.keys.ring import KeysError
from udfs.patterns import file as patterns_file
from udfs.rules import file as rules_file


def whole(settings: Settings) -> Iterator[Check]:
    """Each check as soon as it is done; all of them take some seconds, most of it for programs to say their version."""
    found = {"Python": machine.python(), "JDK": "java and javac", "folder": str(preflight.PROJECT_ROOT)}
    for name, check in preflight.CHECKS.items():
        if name != "disk":  # what the installation takes; below is what runs take
            yield Check(name, found.get(name, ""), check())
    stack = Stack(settings)
    flink = machine.flink(stack.flink.jobs if stack.processes.is_alive(JOB_MANAGER) else None)
    yield checks.flink(flink)
    yield checks.connector(machine.connector_version(), flink.package)
    yield checks.jars(machine.found_jars())
    yield checks.architecture(platform.machine(), machine.java_architecture(), machine.native_code())
    yield _addresses(settings)
    for component in stack.components:
        yield from _ports(stack, component)
    yield _memory(stack)
    place = _existing(stack.home)
    yield checks.disk(str(place), shutil.disk_usage(place).free)
    yield from _settings(settings, FLINK_JOBS)


def before_submission(settings: Settings, jobs: Iterable[FlinkJob]) -> None:
    """What costs next to nothing and would make `jobs` fail later. Raises SluiceError with a line for each trouble."""
    found = checks.troubles([checks.jars(machine.found_jars()), *_settings(settings, tuple(jobs))])
    if found:
        raise SluiceError("nothing was submitted:\n  " + "\n  ".join(found))


def _settings(settings: Settings, jobs: tuple[FlinkJob, ...]) -> Iterator[Check]:
    yield checks.slots(settings, jobs)
    yield checks.partitions(settings, jobs)
    names = {job.name for job in jobs}
    if "fraud_detection" in names:
        rules = settings.fraud_detection.rules
        yield _tried("rules", str(rules), lambda: rules_file.load_proven(rules))
        yield _token_keys(settings)
    if "fraud_patterns" in names:
        folder = settings.fraud_patterns.patterns
        yield _tried("patterns", str(folder), lambda: patterns_file.load(folder))


def _token_keys(settings: Settings) -> Check:
    keys = settings.fraud_detection.gate.keys
    if keys.source == "kms":
        return Check("token keys", f"{keys.ring}, asked for when the job is submitted")
    if not keys.file.exists():
        return Check("token keys", f"{keys.file}, made by the first submission")
    return _tried("token keys", str(keys.file), lambda: sources.ring(settings))


def _tried(name: str, found: str, call: Callable[[], object]) -> Check:
    try:
        call()
    except (SluiceError, WrongFileError, KeysError) as error:
        return Check(name, found, str(error))
    return Check(name, found)


def _addresses(settings: Settings) -> Check:
    found = f"Kafka {settings.kafka.bootstrap}, S3 and DynamoDB {settings.aws.endpoint_url or 'of AWS'}"
    return _tried("addresses", found, lambda: check_addresses(settings))


def _ports(stack: Stack, component: Component) -> Iterator[Check]:
    name = f"ports of {component.title}"
    ports = ", ".join(map(str, component.ports.values()))
    if any(stack.processes.is_alive(each) for each in component.process_names):
        yield Check(name, f"{ports}: it runs")
        return
    for setting, port in component.ports.items():
        try:
            check_port(setting, port)
        except ServerError as error:
            yield Check(name, ports, str(error))
            return
    yield Check(name, f"{ports}: free")


def _memory(stack: Stack) -> Check:
    there = psutil.virtual_memory()
    heap = checks.task_manager_heap(FlinkHome(stack.settings).configuration())
    running = any(stack.processes.is_alive(each) for each in stack.flink.process_names)
    return checks.memory(stack.settings.local, heap, there.total, there.available, running=running)


def _existing(folder: Path) -> Path:
    """The folder, or the nearest above it that is there already."""
    return next(each for each in (folder, *folder.parents) if each.exists())
