"""`sluice quarantine replay`: send in again what would pass by now."""

from __future__ import annotations

from collections import Counter
from functools import partial
from typing import Annotated

import typer
from rich.console import Console

from sluice import settings
from sluice.commands.options import SettingsFile
from sluice.quarantine import corrections
from sluice.quarantine.corrections import GATED, Sending
from sluice.quarantine.held import Choice, Held, read
from sluice.quarantine.mending import problem_of
from sluice.quarantine.options import FieldName, Last, Reason, Source, Why
from sluice.readable import counted
from sluice.sending_again import sent_again
from sluice.settings import Settings
from udfs.times import clock_ms

_CONFLICT = "conflict"


def sorted_out(values: Settings, found: list[Held]) -> tuple[list[Sending], Counter[str]]:
    """What would pass the gate by now, and how many would not, by why."""
    done = corrections.read(values)
    passing: list[Sending] = []
    left: Counter[str] = Counter()
    asked: list[Held] = []
    for held in found:
        if held["quarantine_id"] in done:
            left["sent again before"] += 1
        elif held["step"] not in GATED:
            left["no transactions: what wrote them has to send them anew"] += 1
        elif held["reason"] == _CONFLICT:
            left["would be in conflict again; mend its transaction_id"] += 1
        else:
            asked.append(held)
    raw, now_ms = corrections.originals(values, asked), clock_ms()
    for held in asked:
        key = held["quarantine_id"]
        if key not in raw:
            left["no longer in Kafka"] += 1
        elif problem := problem_of(raw[key], now_ms, values.fraud_detection.gate):
            left[f"would be held back again: {problem.reason}"] += 1
        else:
            passing.append(Sending(held, raw[key]))
    return passing, left


def replay(
    *,
    reason: Reason = None,
    field: FieldName = None,
    source: Source = None,
    last: Last = "24h",
    why: Annotated[str | None, Why] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Say what would be sent, and send nothing.")] = False,
    settings_file: SettingsFile = None,
) -> None:
    """Send in again, as they are, the records that the gate would take by now, such as after a contract was widened."""
    values, console = settings.load(settings_file), Console()
    with console.status("reading what was held back …"):
        passing, left = sorted_out(values, read(values, last, Choice(reason, field, source)))
    again = [each._replace(why=why) for each in passing]
    if sent_again(console, again, left, partial(corrections.send, values), dry_run=dry_run):
        console.print(
            f"{counted(len(again), 'records')} went in; `sluice quarantine list` counts them under sent again"
        )
