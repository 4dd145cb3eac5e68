"""`sluice partner-files retry`: files that are held back, once more."""

from __future__ import annotations

from typing import Annotated

import typer

from jobs.partner_files import books, settling
from jobs.partner_files.feeds import PartnerFilesError
from sluice import settings, warehouse
from sluice.commands.options import SettingsFile
from sluice.commands.partner_files.fetch import tell_entry
from sluice.readable import counted


def retry(
    *,
    ids: Annotated[
        list[str], typer.Argument(metavar="ID...", help="As `sluice partner-files list` shows them, or their start.")
    ],
    settings_file: SettingsFile = None,
) -> None:
    """Check held-back files again, after the contract, a limit or a key was mended, and load them."""
    values = settings.load(settings_file)
    with warehouse.opened(values.warehouse.database) as connection:
        books.prepare(connection)
        held = [each for each in books.latest(connection) if each["state"] == "quarantined"]
    chosen = []
    for start in ids:
        found = [each for each in held if each["file_id"].startswith(start)]
        if len(found) != 1:
            raise PartnerFilesError(f"{counted(len(found), 'held-back files')} have an id that begins with {start!r}")
        chosen += found
    for row in chosen:
        tell_entry(settling.retry(values, row))
