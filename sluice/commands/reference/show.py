"""`sluice reference show`: the versions of one customer, merchant or currency."""

from __future__ import annotations

from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from sluice import references, settings
from sluice.commands.options import SettingsFile
from sluice.readable import utc
from sluice.references import TableName
from udfs.times import clock_ms, iso_ms


def show(
    *,
    entity: Annotated[str, typer.Argument(help="A customer, merchant or currency, as the reference has it.")],
    table: TableName,
    settings_file: SettingsFile = None,
) -> None:
    """Show what holds for a customer, merchant or currency, and since when."""
    values, of, console = settings.load(settings_file), references.named(table), Console()
    versions = references.known(values, of, entity)
    if not versions:
        console.print(f"{table} has no version of {entity}; the default holds")
        return
    now_ms = clock_ms()
    holding = max((each.valid_from_ms for each in versions if each.valid_from_ms <= now_ms), default=None)
    shown = Table(box=None, header_style="bold")
    for heading in ("valid from (UTC)", of.value.name, ""):
        shown.add_column(heading)
    for each in versions:
        shown.add_row(utc(iso_ms(each.valid_from_ms)), each.value, "holds now" if each.valid_from_ms == holding else "")
    console.print(shown)
