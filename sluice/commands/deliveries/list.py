"""`sluice deliveries list`: what receivers were told, and what they refused."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from jobs.alert_delivery import books, channels
from jobs.alert_delivery.outbox import group_of
from sluice import kafka, settings
from sluice.commands.options import SettingsFile
from sluice.feed.times import duration
from sluice.readable import counted, utc


def counts(values: settings.Settings, found: Sequence[books.Delivery]) -> Table:
    """Of each receiver, how many versions of episodes it has yet to be told of, and what became of its messages."""
    table = Table(box=None, header_style="bold")
    table.add_column("receiver")
    for heading in ("to look at", "delivered", "refused", "alerts told"):
        table.add_column(heading, justify="right")
    table.add_column("newest")
    states = Counter((each["receiver"], each["state"]) for each in found)
    alerts = Counter(each["receiver"] for each in found if each["state"] == "delivered" for _ in each["alert_ids"])
    newest = {each["receiver"]: each["ended_at"] for each in found}
    bootstrap, topic = values.kafka.bootstrap, values.kafka.topics.episodes
    for receiver in [each.name for each in channels.read(values)]:
        group = group_of(receiver)
        begun = kafka.positions(bootstrap, group, topic)
        waiting = f"{kafka.lag(bootstrap, group, topic):,}" if begun else "not started"
        numbers = (states[receiver, "delivered"], states[receiver, "refused"], alerts[receiver])
        latest = utc(newest[receiver]) if receiver in newest else "-"
        table.add_row(receiver, waiting, *(f"{number:,}" for number in numbers), latest)
    return table


def refused(found: Sequence[books.Delivery]) -> Table:
    """One line a message."""
    table = Table(box=None, header_style="bold")
    for heading in ("id", "ended", "receiver", "reason", "message"):
        table.add_column(heading, no_wrap=True)
    for each in found:
        reason = str(each["reason"] or "-")
        table.add_row(each["delivery_id"], utc(each["ended_at"]), each["receiver"], reason, each["subject"])
    return table


def list_(
    *,
    last: Annotated[str, typer.Option("--last", help="How far to look back: 30m, 24h, 7d.")] = "24h",
    limit: Annotated[int, typer.Option(min=1, help="How many refused messages at most, the latest.")] = 50,
    settings_file: SettingsFile = None,
) -> None:
    """Count what each receiver was told, and list what was refused."""
    values, console = settings.load(settings_file), Console()
    found = books.since(values, duration(last, "--last"))
    console.print(counts(values, found))
    dead = [each for each in found if each["state"] == "refused"]
    if dead:
        console.print()
        console.print(refused(dead[-limit:]), soft_wrap=True)
        shown = f"{min(limit, len(dead)):,} of {counted(len(dead), 'refused messages')}"
        console.print(f"{shown}; `sluice deliveries retry ID` sends one again, without ID all of them")
