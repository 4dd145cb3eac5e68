"""The figures of a benchmark as a person reads them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from rich.console import Console
from rich.table import Table


def show_drain(console: Console, job: str, found: Mapping[str, Any]) -> None:
    """Throughput of one job, and how busy each part of it was."""
    rate = f"{found['events_per_second']:,} events/s from the cold start, [bold]{found['second_half']:,}[/] once warm"
    console.print(f"  [bold]{job}[/] drained {found['records']:,} in {found['seconds']:.1f} s: {rate}")
    for steps, share in found["busy"].items():
        console.print(f"    {share:4.0%} busy  [dim]{steps}[/]")


def show_share(console: Console, ours: float, bare: float) -> None:
    """Beside boto3's own batch writer, which writes without conditions."""
    console.print(f"    {ours / bare:.0%} of what a bare batch writer puts there, {bare:,} events/s")


def show_latency(console: Console, rate: int, found: Mapping[str, Any]) -> None:
    """Latency in ms by Kafka's clock, whole and hop by hop."""
    title = f"Latency in ms at {rate:,} events/s, every job running"
    table = Table(title=title, title_justify="left", box=None, header_style="bold")
    table.add_column("")
    names = list(found["ingest_to_alert_ms"])
    for name in names:
        table.add_column(name, justify="right")
    rows = {
        f"ingest → alert ({found['alerts']:,})": found["ingest_to_alert_ms"],
        f"last of a pattern → its alert ({found['pattern_alerts']:,})": found["ingest_to_pattern_alert_ms"],
        f"ingest → decision ({found['decisions']:,})": found["ingest_to_decision_ms"],
        **{f"  of it {hop}": each for hop, each in found["by_hop_ms"].items()},
    }
    for words, each in rows.items():
        table.add_row(words, *(f"{each[name]:,.1f}" for name in names))
    console.print(table)
