"""The demo's summary as a person reads it."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

from sluice.settings import Settings


def _line(counts: Mapping[str, int]) -> str:
    return ", ".join(f"{name} {count:,}" for name, count in counts.items())


def show(console: Console, found: Mapping[str, Any]) -> None:
    """Each part of the summary on a line, with what it should be where that is known."""
    ended, alerts, latency, fraud = (found[name] for name in ("dispositions", "alerts", "latency_ms", "fraud"))
    sum_of_parts = ended["valid"] + ended["quarantined"] + ended["duplicate"]
    table = Table(title="Summary", title_justify="left", box=None, show_header=False, padding=(0, 2))
    table.add_column(style="bold")
    table.add_row("in", f"{ended['in']:,} records, each with one disposition: {sum_of_parts:,}")
    table.add_row("", _line({name: ended[name] for name in ("valid", "quarantined", "duplicate")}))
    table.add_row("quarantined", _line(ended["quarantined_by_reason"]))
    table.add_row("decided", _line(ended["outcomes"]))
    table.add_row("alerts", f"{alerts['total']:,}: {_line(alerts['by_rule'])}")
    if latency["measured"]:
        measured = f"{latency['measured']:,} live alerts"
        table.add_row("ingest→alert", f"p50 {latency['p50']:.0f} ms, p99 {latency['p99']:.0f} ms over {measured}")
    by_scenario = _line({each["name"]: each["found"] for each in fraud["scenarios"]})
    table.add_row("planted fraud", f"{fraud['found']:,} of {fraud['cases']:,} cases found: {by_scenario}")
    flagged = f"{fraud['legitimate_flagged']:,} of {fraud['legitimate']:,} legitimate transactions"
    table.add_row("false alarms", f"{flagged} ({fraud['false_positive_rate'] or 0:.3%})")
    for place, counts in found["rows"].items():
        table.add_row(place, _line(counts))
    console.print()
    console.print(table)
    console.print()


def next_steps(console: Console, settings: Settings, result: Path, *, keep: bool) -> None:
    console.print(f"\nThe same as JSON: {result}")
    if keep:
        console.print(f"Everything still runs; Flink's page: http://127.0.0.1:{settings.local.flink_port}")
        console.print(
            "Look around: sluice alerts, sluice quarantine list, sluice status, sluice report data-quality; "
            "sluice down stops it."
        )
    else:
        console.print("Everything is stopped. The warehouse stays: sluice report transactions-by-day")
        console.print("make demo KEEP=1 leaves it up, for sluice alerts --follow, sluice card TOKEN and sluice status.")
