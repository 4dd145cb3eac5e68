"""What the threads of a TaskManager's JVM are for, by their names."""

from __future__ import annotations

import html
import re
from collections.abc import Mapping
from typing import Any, NamedTuple

from bench.drain import steps

TASK = "task "
OTHER = "other threads"
# The first that matches counts; Flink names a task's helpers after it, so they come before the task.
GROUPS = tuple(
    (re.compile(pattern), group)
    for pattern, group in (
        (r"^Source Data Fetcher for ", "Kafka source's fetchers"),
        (r"^(OutputFlusher|Time Trigger|System Time Trigger) for ", "timers and flushers"),
        (r"^kafka-producer-network-thread", "Kafka producers' network"),
        (r"^C[12] CompilerThread|^Sweeper thread", "JIT compilers"),
        (r"^(GC Thread|G1 |ParGC|ZGC|Shenandoah)", "garbage collector"),
        (r"^(VM |Service Thread|Signal|Reference|Finalizer|Monitor|Common-Cleaner|Attach|JFR )", "the JVM's own"),
        (r"^AsyncOperations", "checkpoints being written"),
        (r"^(flink-|Flink |taskmanager|Timer-|IOManager)", "Flink's RPC, metrics and network"),
    )
)
_TASK = re.compile(r"^(.*) \(\d+/\d+\)#\d+$")
_THREAD = re.compile(r'^"(?P<name>.*)" (?:#(?P<number>\d+) )?.*\bnid=(?P<native>0x[0-9a-f]+|\d+)', re.MULTILINE)
_FUNCTION = re.compile(r"\[(\d+)\]:(ProcessTableFunction)\(\w+=\[.*?\b(\w+)\(")
# A Python step, and what keeps state before one, are the only ones with a plain name.
_PART = re.compile(
    r"Source: (?:[\w-]+\.)*(?P<source>\w+)|(?P<operator>(?P<table>\w+)\[\d+\])(?P<sink>: Writer)?"
    r"|(?:^|-> )(?P<step>[a-z_]+)(?= ->|$)"
)


class JavaThread(NamedTuple):
    """`number` is Java's own, which recordings name; the compilers' and collectors' threads have none."""

    name: str
    number: int | None


def java_threads(dump: str) -> dict[int, JavaThread]:
    """The threads that `jcmd <pid> Thread.print` lists, by the number that the kernel knows them by."""
    return {
        int(each["native"], 0): JavaThread(each["name"], int(each["number"]) if each["number"] else None)
        for each in _THREAD.finditer(dump)
    }


def called(plan: Mapping[str, Any]) -> dict[str, str]:
    """Which kernel function `ProcessTableFunction[2]` and its like call, from Flink's `/jobs/<id>/plan`."""
    described = html.unescape("\n".join(node["description"] for node in plan["plan"]["nodes"]))
    return {f"{operator}[{number}]": function for number, operator, function in _FUNCTION.findall(described)}


def task(name: str, functions: Mapping[str, str]) -> str:
    """A task by its source, the functions that it calls and its sinks, as far as it has any."""
    parts = []
    for each in _PART.finditer(name):
        if each["source"]:
            parts.append(each["source"])
        elif each["step"]:
            parts.append(each["step"])
        elif each["operator"] in functions:
            parts.append(functions[each["operator"]])
        elif each["sink"]:
            parts.append(each["table"])
    return " → ".join(dict.fromkeys(parts)) or steps(name)


def group(name: str, functions: Mapping[str, str]) -> str:
    """What the thread called `name` is for."""
    for pattern, words in GROUPS:
        if pattern.match(name):
            return words
    found = _TASK.match(name)
    return f"{TASK}{task(found[1], functions)}" if found else OTHER
