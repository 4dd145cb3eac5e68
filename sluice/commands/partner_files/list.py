"""`sluice partner-files list`: what became of partners' files."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.table import Table

from jobs.partner_files import books
from jobs.partner_files.feeds import chosen
from sluice import settings, warehouse
from sluice.commands.options import SettingsFile
from sluice.commands.partner_files.fetch import Feeds
from sluice.readable import counted, utc

_WIDEST = 300  # an id must not be cut off on a narrow screen
_AMISS = ("quarantined", "refused")


def _recorded(values: settings.Settings) -> list[dict[str, Any]]:
    if not values.warehouse.database.exists():
        return []
    with warehouse.opened(values.warehouse.database) as connection:
        books.prepare(connection)
        return books.latest(connection)


def _table(found: Sequence[Mapping[str, Any]]) -> Table:
    table = Table(box=None, header_style="bold")
    for heading in ("recorded", "feed", "file", "state", "reason", "id"):
        table.add_column(heading, no_wrap=True)
    for heading in ("rows", "new"):
        table.add_column(heading, justify="right")
    for each in found:
        texts = (each["feed"], each["name"], each["state"], each["reason"] or "-", each["file_id"])
        table.add_row(utc(each["recorded_at"]), *texts, f"{each['rows']:,}", f"{each['new_rows']:,}")
    return table


def _tell_why(each: Mapping[str, Any]) -> None:
    typer.echo(f"\n{each['file_id']}  {each['feed']}  {each['name']}")
    typer.echo(f"  {each['reason']}: {each['message']}")
    for column in each["column_diff"]:
        typer.echo(
            f"  {'+' if column['difference'] == 'unexpected' else '-'} {column['column']}  {column['difference']}"
        )
    for cell in each["findings"]:
        typer.echo(f"  line {cell['line']:,}, {cell['column']}: {cell['problem']}")


def list_(
    *,
    feeds: Feeds = None,
    amiss: Annotated[bool, typer.Option("--amiss", help="Only what was held back or not fetched, and why.")] = False,
    limit: Annotated[int, typer.Option(min=1, help="How many at most, the latest.")] = 50,
    settings_file: SettingsFile = None,
) -> None:
    """List what became of each file; with --amiss the whole reason, with columns and lines."""
    values = settings.load(settings_file)
    names = set(chosen(values, feeds)) if feeds else None
    found = [each for each in _recorded(values) if names is None or each["feed"] in names]
    listed = [each for each in found if not amiss or each["state"] in _AMISS]
    if not listed:
        typer.echo("nothing is amiss" if amiss else "no file has come yet; sluice partner-files fetch")
        return
    Console(width=_WIDEST).print(_table(listed[-limit:]))
    if amiss:
        for each in listed[-limit:]:
            _tell_why(each)
        typer.echo(
            "\nafter the contract or a limit was mended: retry ID for what is quarantined, fetch for what is refused"
        )
        return
    states = Counter(each["state"] for each in found)
    typer.echo(
        f"{counted(len(found), 'files')}: " + ", ".join(f"{number:,} {state}" for state, number in states.items())
    )
