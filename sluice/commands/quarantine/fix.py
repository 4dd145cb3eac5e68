"""`sluice quarantine fix`: mend a record and send it in again."""

from __future__ import annotations

from typing import Annotated

import typer

from sluice import settings
from sluice.commands.options import SettingsFile
from sluice.quarantine import corrections, mending
from sluice.quarantine.held import every, find
from sluice.quarantine.options import QuarantineId, Why


def fix(
    *,
    quarantine_id: QuarantineId,
    set_: Annotated[
        list[str] | None, typer.Option("--set", metavar="FIELD=VALUE", help="A new value; repeatable.")
    ] = None,
    remove: Annotated[list[str] | None, typer.Option(metavar="FIELD", help="Leave this field out; repeatable.")] = None,
    why: Annotated[str, Why],
    settings_file: SettingsFile = None,
) -> None:
    """Mend fields of a record that was held back, and send it in again once the gate would take it."""
    values = settings.load(settings_file)
    changes = mending.parsed(set_ or [], remove or [])
    held = find(every(values), quarantine_id)
    (made,) = corrections.send(values, [corrections.fixed(values, held, changes, why)])
    typer.echo(f"sent again as {made['correction_id']}")
    typer.echo(f"what became of it: sluice quarantine show {held['quarantine_id']}")
