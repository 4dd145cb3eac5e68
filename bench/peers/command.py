"""This house beside other systems, on the same small job."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from bench import kept
from bench.peers import drain, latency, picture
from bench.peers.house import broker
from bench.peers.results import Results
from bench.peers.systems import SYSTEMS
from sluice.errors import SluiceError
from sluice.settings import Settings

CHART = Path("build/peers.svg")


def _chosen(keys: list[str] | None) -> list[str]:
    unknown = [key for key in keys or () if key not in SYSTEMS]
    if unknown:
        raise SluiceError(f"no system is called {', '.join(unknown)}; there are {', '.join(SYSTEMS)}")
    return keys or list(SYSTEMS)


def peers(
    *,
    transactions: Annotated[int, typer.Option(min=1_000, help="How many to drain.")] = 3_000_000,
    cards: Annotated[int, typer.Option(min=100, help="Over how many cards.")] = 20_000,
    rounds: Annotated[int, typer.Option(min=0, help="How often each system drains them; 0 leaves it out.")] = 3,
    rate: Annotated[int, typer.Option(min=100, help="Transactions a second while latency is measured.")] = 2_000,
    seconds: Annotated[int, typer.Option(min=0, help="For how long it is measured; 0 leaves it out.")] = 60,
    warm_up: Annotated[int, typer.Option(min=1, help="Seconds at that rate before.")] = 30,
    batch_ms: Annotated[int, typer.Option(min=1, help="How long a record of Sluice waits for a call into Python.")] = 3,
    system: Annotated[list[str] | None, typer.Option(help="Only this one; may be repeated.")] = None,
    append: Annotated[bool, typer.Option("--append", help="Add to the rounds of build/bench.json.")] = False,
) -> None:
    """Measure this house beside other systems on the same small job; draws build/peers.svg."""
    console = Console()
    results = Results(
        {
            "transactions": transactions,
            "cards": cards,
            "rate": rate,
            "batch_ms": batch_ms,
            "cores": os.cpu_count(),
        }
    )
    if append:
        results.add_earlier(kept.earlier("peers"))
    chosen = _chosen(system)
    with broker(Settings(), console, batch_ms) as house:
        if rounds:
            work = drain.fill(house, transactions, cards)
        for number in range(1, rounds + 1):
            for key in chosen:
                drained = drain.drain(house, SYSTEMS[key], work, f"flagged-{key}-{number}")
                results.drains.append(drained.as_json())
                kept.keep("peers", results.as_json())
                rate_of = f"{drained.events_per_second:,} events/s ({drained.second_half:,} in the second half)"
                console.print(f"  round {number}: {SYSTEMS[key].title}: {rate_of}")
        for key in chosen if seconds else ():
            waited = latency.measure(house, SYSTEMS[key], rate, warm_up, seconds, cards)
            results.latencies.append(waited)
            kept.keep("peers", results.as_json())
            console.print(f"  {SYSTEMS[key].title}: p50 {waited['p50']} ms, p99 {waited['p99']} ms")
    picture.show(console, results)
    CHART.write_text(picture.chart(results), encoding="utf-8")
    console.print(f"The same as JSON: {kept.FILE}, as a chart: {CHART}")
