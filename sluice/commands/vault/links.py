"""`sluice vault links`: the other tokens of a card."""

from __future__ import annotations

from typing import Annotated

from rich.console import Console
from rich.table import Table

from sluice import settings
from sluice.commands.options import SettingsFile
from sluice.keys import audit, vault
from sluice.keys.options import Role, Token
from sluice.quarantine.options import Why
from sluice.readable import utc


def links(*, token: Token, role: Role, why: Annotated[str, Why], settings_file: SettingsFile = None) -> None:
    """Show all tokens of the card behind a token, oldest first, and no digit of it. Leaves a line of audit first."""
    values, console = settings.load(settings_file), Console()
    audit.admit(values, audit.LINKS, token, role, why)
    table = Table("token", "first seen", box=None, header_style="bold")
    for each in vault.links(values, token):
        table.add_row(each["card_token"], utc(each["seen_at"]))
    console.print(table, soft_wrap=True)
