"""The curves as a person reads them: a table, the same as Markdown, and a chart."""

from __future__ import annotations

from collections.abc import Sequence

from rich.console import Console
from rich.table import Table

from bench.bars import Bar, Group, svg
from bench.curves.measure import Measured
from bench.curves.points import CURVES

COLUMNS = ("events/s", "µs an event", "of it Kafka", "state MiB", "checkpoint s", "memory MiB", "alerts")
TITLES = {
    "slots": "slots: TaskManagers x slots of each, on the same cores",
    "cards, hashmap": "cards, state on the heap",
    "cards, rocksdb": "cards, state in RocksDB",
}


def title(curve: str) -> str:
    return TITLES.get(curve, curve)


def cells(each: Measured) -> list[str]:
    """In the order of COLUMNS."""
    return [
        f"{each.events_per_second:,}",
        f"{sum(each.micros.values()):.1f}",
        f"{each.micros['Kafka']:.1f}",
        f"{each.state_mib:,.0f}",
        f"{each.checkpoint_seconds:.1f}",
        f"{each.peak_mib:,}",
        f"{each.alerts:,}",
    ]


def by_curve(found: Sequence[Measured]) -> list[tuple[str, list[Measured]]]:
    """Those that were measured, in the curves' order."""
    groups = [(curve, [each for each in found if each.curve == curve]) for curve in CURVES]
    return [(curve, points) for curve, points in groups if points]


def show(console: Console, found: Sequence[Measured]) -> None:
    table = Table("", box=None, header_style="bold", padding=(0, 1, 0, 0))
    for name in COLUMNS:
        table.add_column(name, justify="right")
    for curve, points in by_curve(found):
        table.add_row(f"[bold]{title(curve)}[/]")
        for each in points:
            table.add_row(f"  {each.label}", *cells(each))
    console.print(table)


def markdown(found: Sequence[Measured]) -> str:
    lines = [f"| | {' | '.join(COLUMNS)} |", f"|---|{'---|' * len(COLUMNS)}"]
    for curve, points in by_curve(found):
        lines.append(f"| **{title(curve)}** |{' |' * len(COLUMNS)}")
        lines += [f"| {each.label} | {' | '.join(cells(each))} |" for each in points]
    return "\n".join(lines) + "\n"


def chart(found: Sequence[Measured]) -> str:
    groups = [Group(title(curve), [_bar(each) for each in points]) for curve, points in by_curve(found)]
    return svg("The deciding job: events/s, and µs of processor time an event", groups)


def _bar(each: Measured) -> Bar:
    words = f"{each.events_per_second:,}   {sum(each.micros.values()):.0f} µs"
    return Bar(each.label, each.events_per_second, words, is_strong=True)
