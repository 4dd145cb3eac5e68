"""The service `partner_files`: look at a partner's folder, fetch, open, check, and load or hold back each file."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from jobs.partner_files import books
from jobs.partner_files.collect import collect
from jobs.partner_files.entries import Entry
from jobs.partner_files.feeds import identities
from jobs.partner_files.settling import noted, settled
from jobs.partner_files.spool import Spool
from sluice import warehouse
from sluice.errors import SluiceError
from sluice.sections import PartnerFeed
from sluice.settings import Settings

_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Looked:
    """What one look at a feed came to; `error` where it ended early."""

    feed: str
    entries: tuple[Entry, ...]
    waiting: tuple[str, ...]
    known: int
    error: str | None


def fetch(settings: Settings, name: str, feed: PartnerFeed) -> Looked:
    """One look. Everything that came is done with, also when the server broke off. Raises SluiceError."""
    keys = identities(name, feed)
    spool = Spool(settings.partner_files.home, name)
    with spool.alone():
        with warehouse.opened(settings.warehouse.database, create=True) as connection:
            books.prepare(connection)
            known = books.known(connection, name)
        spool.clear_kept(file_id for file_id, state in known.items() if state in books.DONE)
        found = collect(name, feed, spool, known)
        entries = [settled(settings, name, feed, keys, spool, each) for each in found.received]
        entries += noted(settings, name, found.refused)
    error = None if found.error is None else str(found.error)
    return Looked(name, tuple(entries), tuple(found.waiting), found.known, error)


def run(
    settings: Settings,
    feeds: dict[str, PartnerFeed],
    due: Callable[[datetime], datetime],
    told: Callable[[Looked], None],
    stop: threading.Event,
) -> None:
    """Look at once, and again when it is `due`, until `stop`; where a look failed, sooner."""
    while not stop.is_set():
        began, failed = datetime.now(UTC), False
        for name, feed in feeds.items():
            try:
                looked = fetch(settings, name, feed)
                told(looked)
                failed = failed or looked.error is not None
            except SluiceError as error:
                _log.error("%s: %s", name, error)
                failed = True
        next_look = due(began)
        if failed:
            next_look = min(next_look, datetime.now(UTC) + timedelta(minutes=settings.partner_files.again_minutes))
        _log.info("next look at %s", next_look.strftime("%Y-%m-%d %H:%M:%S UTC"))
        stop.wait(max(0.0, (next_look - datetime.now(UTC)).total_seconds()))
