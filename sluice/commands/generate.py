"""`sluice generate`: labelled traffic into a file."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import orjson
import typer

from sluice.feed import times
from sluice.feed.errors import FeedError
from sluice.feed.generate import Traffic


def labels_beside(out: Path) -> Path:
    """Where the labels of the traffic in `out` stand."""
    return out.with_suffix(".labels.jsonl")


def events_beside(out: Path) -> Path:
    """Where the customer events of the traffic in `out` stand."""
    return out.with_suffix(".customer_events.jsonl")


def generate(
    *,
    out: Annotated[
        Path,
        typer.Option(help="The file to write, ending in .jsonl; labels and customer events stand beside it."),
    ],
    transactions: Annotated[int, typer.Option(min=1, help="How many.")] = 100_000,
    cards: Annotated[
        int, typer.Option(min=1, help="How many cards they are spread over; scenarios of fraud add theirs.")
    ] = 20_000,
    seed: Annotated[int, typer.Option(min=0, help="The same seed and options give the same bytes.")] = 1,
    fraud_rate: Annotated[float, typer.Option(min=0, max=1, help="Share of fraudulent transactions.")] = 0.01,
    start: Annotated[
        str, typer.Option(help="Event time of the beginning. `sluice replay --end-at now` moves a file to the present.")
    ] = "2026-01-05T08:00:00Z",
    duration: Annotated[str, typer.Option(help="Event time from first to last: 30s, 10m, 2h, 7d.")] = "10m",
) -> None:
    """Write seeded, labelled card transactions as JSON lines, and what customers do besides."""
    if out.suffix != ".jsonl":
        raise FeedError(f"--out {out} must end in .jsonl, the only format that is written")
    traffic = Traffic(
        transactions,
        cards=cards,
        seed=seed,
        start=times.instant(start, "--start"),
        duration=times.duration(duration, "--duration"),
        fraud_rate=fraud_rate,
    )
    out.parent.mkdir(parents=True, exist_ok=True)
    fraudulent, cases = 0, set()
    with out.open("wb") as messages, labels_beside(out).open("wb") as labels:
        for each in traffic:
            messages.write(each.value + b"\n")
            if each.label is not None:
                labels.write(orjson.dumps(each.label._asdict()) + b"\n")
                fraudulent += each.label.is_fraud
                cases.add(each.label.case)
    events = [each.value + b"\n" for each in traffic.customer_events()]
    events_beside(out).write_bytes(b"".join(events))
    cases.discard(None)
    typer.echo(
        f"wrote {transactions:,} transactions, {fraudulent:,} of them fraud in {len(cases):,} cases, to {out}; "
        f"labels to {labels_beside(out)}; {len(events):,} customer events to {events_beside(out)}"
    )
