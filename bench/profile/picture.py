"""An account of processor time as a person reads it: tables, and a chart."""

from __future__ import annotations

from collections.abc import Iterator

from rich.console import Console
from rich.table import Table

from bench.bars import Bar, Group, svg
from bench.profile.account import ELSEWHERE, IDLE, JVM, Account
from bench.profile.jvm_steps import KERNEL
from bench.profile.shares import Parts, ordered
from bench.profile.thread_groups import TASK

# Microseconds an event; what takes less is left out.
LEAST_SHOWN, LEAST_DRAWN = 0.05, 0.2
OURS = (KERNEL, "udfs.", "jobs.", "contracts.", "sluice.")


def show(console: Console, found: Account) -> None:
    """Four tables: processes, threads of the JVM, steps of its tasks, and what they do in Python."""
    rate = f"{found.events:,} events in {found.seconds:.0f} s, {found.events / found.seconds:,.0f}/s"
    console.print(f"[bold]{found.total:.1f} µs[/] of processor time an event ({rate})")
    machine = sum(found.processes.values())
    _table(console, "By process", found.processes, machine, "machine")
    _table(console, f"{JVM} by thread", found.threads, sum(found.threads.values()), "JVM")
    _table(console, f"{JVM}, its tasks by step", found.steps, sum(found.threads.values()), "JVM")
    for task, parts in found.python.items():
        _table(console, f"In Python, by task {task}", parts, sum(found.threads.values()), "JVM")
    looks = ", ".join(f"{name}: {number:,}" for name, number in found.looks.items())
    console.print(f"Samples of what is at work, of which the steps are shares: {looks}.")
    if found.trouble:
        console.print(f"[yellow]{found.trouble}[/]")


def _table(console: Console, title: str, parts: Parts, whole: float, of: str) -> None:
    if not parts:
        return
    table = Table(title=title, title_justify="left", box=None, header_style="bold", padding=(0, 1, 0, 2))
    table.add_column("", min_width=42)
    for name in ("µs an event", f"of the {of}"):
        table.add_column(name, justify="right")
    for name, each in parts.items():
        if each >= LEAST_SHOWN:
            table.add_row(name, f"{each:.1f}", f"{each / whole:.0%}")
    console.print(table)


def _groups(found: Account) -> Iterator[Group]:
    """Each process, and what its time goes into: of the JVM its tasks by step, its other threads by purpose."""
    in_jvm = dict(found.threads)
    if found.steps:
        in_jvm = {name: each for name, each in in_jvm.items() if not name.startswith(TASK)} | found.steps
    inside = {JVM: in_jvm}
    for process, us in found.processes.items():
        if process not in (ELSEWHERE, IDLE):
            parts = ordered(inside.get(process) or {"all of it": us})
            bars = [Bar(name, each, f"{each:.1f}") for name, each in parts.items() if each >= LEAST_DRAWN]
            yield Group(f"{process}: {us:.1f}", [bar._replace(is_strong=bar.label.startswith(OURS)) for bar in bars])
    for task, modules in found.python.items():
        bars = [Bar(name, each, f"{each:.1f}", name.startswith(OURS)) for name, each in modules.items()]
        yield Group(f"of it in Python, {task}: {sum(modules.values()):.1f}", bars)


def chart(found: Account) -> str:
    """The same as bars in SVG; what is code of this house stands out."""
    return svg(f"Where the time goes: {found.total:.1f} µs of processor time an event", _groups(found))
