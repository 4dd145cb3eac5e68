"""The comparison as a person reads it: a table, and a chart."""

from __future__ import annotations

from rich.console import Console
from rich.table import Table

from bench.bars import Bar, Group, svg
from bench.peers.results import Results, Summary
from bench.peers.systems import SLUICE, SYSTEMS

UNKNOWN = "-"


def _number(value: float | None, form: str = ",.0f") -> str:
    return UNKNOWN if value is None else format(value, form)


def show(console: Console, results: Results) -> None:
    """Medians, with the lowest and the highest rate beside them, since machines are noisy."""
    what = results.conditions
    title = f"{what['transactions']:,} transactions over {what['cards']:,} cards; latency at {what['rate']:,}/s"
    table = Table(title=title, title_justify="left", box=None, header_style="bold", padding=(0, 1, 0, 0))
    table.add_column("", no_wrap=True)
    columns = ("events/s", "range", "2nd half", "ratio", "wall s", "first s", "MiB", "p50", "p99")
    for name in columns:
        table.add_column(name, justify="right", no_wrap=True)
    for each in results.summaries():
        found = each.figures.get
        table.add_row(
            SYSTEMS[each.system].title,
            _number(found("events_per_second")),
            UNKNOWN
            if each.lowest is None or each.highest is None
            else f"{each.lowest / 1_000:.0f}-{each.highest / 1_000:.0f} k",
            _number(found("second_half")),
            _number(each.ratio, ".2f"),
            _number(found("wall_seconds"), ".1f"),
            _number(found("startup_seconds"), ".1f"),
            _number(found("peak_mib")),
            _number(found("p50"), ".1f"),
            _number(found("p99"), ".1f"),
            style="bold" if each.system == SLUICE.key else "",
        )
    console.print(table)


def chart(results: Results) -> str:
    """Bars of the median rates as SVG, with the latencies in words."""
    rows = [each for each in results.summaries() if "events_per_second" in each.figures]
    return svg(_title(results), [Group("", [_bar(each) for each in rows])])


def _title(results: Results) -> str:
    what = results.conditions
    return f"One velocity job on {what['cores']} cores: events/s, and latency (p50 / p99) at {what['rate']:,}/s"


def _bar(each: Summary) -> Bar:
    rate = each.figures["events_per_second"]
    words = f"{rate:,.0f}"
    if "p50" in each.figures:
        words += f"   {each.figures['p50']:.0f} / {each.figures['p99']:.0f} ms"
    return Bar(SYSTEMS[each.system].title, rate, words, each.system == SLUICE.key)
