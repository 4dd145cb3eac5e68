"""`sluice card`: all that is known of one card."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.table import Table
from rich.text import Text

from sluice import settings
from sluice.commands.options import SettingsFile
from sluice.hot_state import HotState, find_token
from sluice.readable import money, since_last, utc, windows


def _paid(transaction: dict[str, Any]) -> str:
    return money(transaction["amount_minor"], transaction["currency"])


def _where(transaction: dict[str, Any]) -> str:
    return f"{transaction['merchant_id']}, {transaction['country']}, {transaction['channel']}"


def _grid(rows: Sequence[tuple[str, ...]]) -> Table:
    table = Table.grid(padding=(0, 2))
    for row in rows:
        table.add_row("", *(Text(each) for each in row))
    return table


def _state(card: dict[str, Any]) -> list[tuple[str, ...]]:
    return [
        ("customer", card["customer_id"]),
        ("latest", f"{utc(card['event_time'])} UTC, {_paid(card)} at {_where(card)}: {card['outcome']}"),
        ("before", since_last(card["ms_since_last"])),
    ]


def _explained(transaction: dict[str, Any]) -> tuple[str, ...]:
    reasons = " ".join(reason["text"] for reason in transaction["reasons"])
    return (utc(transaction["event_time"]), transaction["outcome"], _paid(transaction), reasons)


def card(
    *,
    token: Annotated[str, typer.Argument(help="The card's token, or its start as `sluice alerts` shows it.")],
    limit: Annotated[int, typer.Option(min=1, help="Transactions and alerts to show, of each.")] = 10,
    settings_file: SettingsFile = None,
) -> None:
    """Tell what is known of a card: its state, features, recent transactions and alerts."""
    hot = HotState(settings.load(settings_file))
    whole = find_token(hot, token)
    state = hot.card(whole)
    recent = hot.transactions(whole, limit)
    alerted = hot.transactions(whole, limit, alerted=True)
    console = Console()
    console.print(Text(f"card {whole}", style="bold"), soft_wrap=True)
    if state is not None:
        console.print(_grid(_state(state)))
        console.print(Text("within, up to the latest transaction", style="bold"))
        console.print(_grid(windows(state)))
    console.print(Text(f"recent transactions ({len(recent)} shown, newest first)", style="bold"))
    console.print(_grid([(utc(each["event_time"]), each["outcome"], _paid(each), _where(each)) for each in recent]))
    console.print(Text(f"alerts ({len(alerted)} shown, newest first)", style="bold"))
    console.print(_grid([_explained(each) for each in alerted]))
