"""`sluice partner-files run`: looks at partners' folders again and again."""

from __future__ import annotations

import logging
import threading
from datetime import datetime
from typing import Annotated

import typer

from jobs.partner_files import main
from jobs.partner_files.feeds import chosen, identities
from localstack.interrupts import as_keyboard_interrupt
from sluice import settings
from sluice.commands.options import SettingsFile
from sluice.commands.partner_files.fetch import Feeds, tell
from sluice.feed.times import duration
from udfs.partner_files.schedule import next_due


def run(
    *,
    feeds: Feeds = None,
    every: Annotated[
        str | None, typer.Option("--every", metavar="TIME", help="7d, 12h, 30m, instead of partner_files.schedule.")
    ] = None,
    settings_file: SettingsFile = None,
) -> None:
    """Fetch now, and again whenever it is due, until Ctrl-C."""
    values = settings.load(settings_file)
    looked_at = chosen(values, feeds or ())
    pause = duration(every, "--every") if every is not None else None
    for name, feed in looked_at.items():
        identities(name, feed)

    def due(after: datetime) -> datetime:
        return next_due(values.partner_files.schedule, after) if pause is None else after + pause

    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(message)s", datefmt="%H:%M:%S")
    logging.getLogger("asyncssh").setLevel(logging.WARNING)
    with as_keyboard_interrupt():
        try:
            main.run(values, looked_at, due, tell, threading.Event())
        except KeyboardInterrupt:
            typer.echo("stopped")
