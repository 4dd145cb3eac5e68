"""`sluice vault lookup`: the card behind a token."""

from __future__ import annotations

from typing import Annotated

import typer

from sluice import settings
from sluice.commands.options import SettingsFile
from sluice.keys import audit, vault
from sluice.keys.options import Role, Token
from sluice.keys.sources import told
from sluice.quarantine.options import Why


def lookup(
    *,
    token: Token,
    role: Role,
    why: Annotated[str, Why],
    full: Annotated[bool, typer.Option("--full", help="The whole number, for a role that may see it.")] = False,
    settings_file: SettingsFile = None,
) -> None:
    """Show the first six and the last four digits of the card behind a token. Leaves a line of audit first."""
    values = settings.load(settings_file)
    audit.admit(values, audit.LOOKUP, token, role, why, number=full)
    with told():
        number = vault.card(values, vault.find(values, token))
    typer.echo(number if full else vault.ends(number))
