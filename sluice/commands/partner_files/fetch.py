"""`sluice partner-files fetch`: one look at partners' folders."""

from __future__ import annotations

import logging
from typing import Annotated

import typer

from jobs.partner_files import main
from jobs.partner_files.entries import Entry
from jobs.partner_files.feeds import PartnerFilesError, chosen
from jobs.partner_files.main import Looked
from sluice import settings
from sluice.commands.options import SettingsFile
from sluice.errors import SluiceError
from sluice.readable import counted

Feeds = Annotated[list[str] | None, typer.Argument(metavar="[FEED]...", help="Of partner_files.feeds; else all.")]


def tell(looked: Looked) -> None:
    """Each file that is new, and what is amiss."""
    for each in looked.entries:
        tell_entry(each)
    for waiting in looked.waiting:
        typer.secho(f"  waiting      {waiting}", fg="yellow")
    new = counted(len(looked.entries), "new files")
    typer.echo(f"{looked.feed}: {new}, {looked.known:,} known, {len(looked.waiting):,} waiting")
    if looked.error is not None:
        typer.secho(f"{looked.feed}: {looked.error}", fg="red", err=True)


def tell_entry(each: Entry) -> None:
    """A line for a file, and one for why it was not loaded."""
    if each.state == "loaded":
        words = f"{counted(each.rows, 'rows')}, {each.new_rows:,} of them new"
        words += f"; removed: {', '.join(each.removed_columns)}" if each.removed_columns else ""
    elif each.state == "duplicate":
        words = f"the same content as {each.duplicate_of}, nothing changed"
    else:
        words = f"{each.reason}, {each.file_id}"
    typer.secho(f"  {each.state:<12} {each.name}  {words}", fg=None if each.reason is None else "yellow")
    if each.message is not None:
        typer.secho(f"               {each.message}", fg="yellow")


def fetch(*, feeds: Feeds = None, settings_file: SettingsFile = None) -> None:
    """Fetch what is new in partners' folders once, and load it or hold it back."""
    values = settings.load(settings_file)
    logging.getLogger("asyncssh").setLevel(logging.WARNING)
    failed = []
    for name, feed in chosen(values, feeds or ()).items():
        try:
            looked = main.fetch(values, name, feed)
        except SluiceError as error:
            typer.secho(f"{name}: {error}", fg="red", err=True)
            failed.append(name)
            continue
        tell(looked)
        failed += [name] if looked.error is not None else []
    if failed:
        raise PartnerFilesError(f"not all is done for {', '.join(failed)}; see above, then run it again")
