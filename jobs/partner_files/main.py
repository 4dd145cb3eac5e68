"""The service `partner_files`: look at a partner's folder, fetch, open, check, and load or hold back each file."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from contracts import reader
from jobs.partner_files import books
from jobs.partner_files.books import Content, Entry
from jobs.partner_files.collect import Received, Refused, collect
from jobs.partner_files.sftp import Offer
from jobs.partner_files.spool import Part, Spool
from sluice import warehouse
from sluice.errors import SluiceError
from sluice.settings import PartnerFeed, Settings
from udfs.keys.file import read_private
from udfs.keys.ring import KeysError
from udfs.partner_files import opening
from udfs.partner_files.refusal import FileRefusedError
from udfs.partner_files.rows import Rows

_log = logging.getLogger(__name__)


class PartnerFilesError(SluiceError):
    """Partners' files can't be worked on as the settings stand."""


@dataclass(frozen=True)
class Looked:
    """What one look at a feed came to; `error` where it ended early."""

    feed: str
    entries: tuple[Entry, ...]
    waiting: tuple[str, ...]
    known: int
    error: str | None


def chosen(settings: Settings, names: Sequence[str] = ()) -> dict[str, PartnerFeed]:
    """The feeds of `names`, or all. Raises PartnerFilesError."""
    feeds = settings.partner_files.feeds
    if not feeds:
        raise PartnerFilesError("no feed is set; name one under partner_files.feeds, see jobs/partner_files/README.md")
    for name in names:
        if name not in feeds:
            raise PartnerFilesError(f"there is no feed {name} in partner_files.feeds, but {', '.join(feeds)}")
    return {name: feeds[name] for name in names or feeds}


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
        entries = [_settled(settings, name, feed, keys, spool, each) for each in found.received]
        entries += _noted(settings, name, found.refused)
    error = None if found.error is None else str(found.error)
    return Looked(name, tuple(entries), tuple(found.waiting), found.known, error)


def retry(settings: Settings, row: dict[str, Any]) -> Entry:
    """A file that is held back, once more; `row` is its row of the books. Raises SluiceError."""
    name = row["feed"]
    if row["reason"] == "checksum_mismatch":
        raise PartnerFilesError(f"{row['name']} is not what the partner's checksum says; it has to be sent anew")
    feed = chosen(settings, [name])[name]
    spool = Spool(settings.partner_files.home, name)
    with spool.alone():
        kept = spool.kept(row["file_id"])
        if not kept.exists():
            raise PartnerFilesError(f"{kept} is gone; ask the partner to send {row['name']} anew")
        modified_ms = round(datetime.fromisoformat(row["modified_at"]).timestamp() * 1_000)
        offer = Offer(row["name"].encode(), row["size_bytes"], modified_ms, is_file=True)
        again = Received(row["file_id"], offer, Part(kept, offer.size))
        return _settled(settings, name, feed, identities(name, feed), spool, again)


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


def identities(name: str, feed: PartnerFeed) -> list[Any]:
    """The keys that the feed's files are encrypted for. Raises PartnerFilesError, also where others can read a key."""
    for setting, path in (("private_key", feed.private_key), ("identity", feed.identity)):
        if not path.is_file():
            raise PartnerFilesError(f"partner_files.feeds.{name}.{setting}: {path} does not exist or is no file")
    try:
        read_private(feed.private_key)
        return opening.identities(read_private(feed.identity))
    except opening.IdentitiesError as error:
        raise PartnerFilesError(f"partner_files.feeds.{name}.identity: {feed.identity}: {error}") from None
    except KeysError as error:
        raise PartnerFilesError(f"partner_files.feeds.{name}: one of its keys: {error}") from None


def _settled(
    settings: Settings, name: str, feed: PartnerFeed, keys: Sequence[Any], spool: Spool, each: Received
) -> Entry:
    """Load a file, or hold it back. What is on disk is moved or removed only when nothing else would be lost by it."""
    contract = reader.load(feed.contract)
    entry = books.entry(each.file_id, name, each.offer, "quarantined", each.part.sha256())
    try:
        if each.problem is not None:
            raise each.problem
        content = _content(each.part.path, each.offer.name.decode(), feed, keys)
    except FileRefusedError as problem:
        if each.part.path != spool.kept(each.file_id):
            spool.keep(each.part, each.file_id)
        with warehouse.opened(settings.warehouse.database) as connection:
            return books.refuse(connection, entry, problem)
    with warehouse.opened(settings.warehouse.database) as connection:
        loaded = books.load(connection, replace(entry, state="loaded"), content, contract)
    each.part.path.unlink()
    return loaded


def _noted(settings: Settings, name: str, refused: Sequence[Refused]) -> list[Entry]:
    if not refused:
        return []
    with warehouse.opened(settings.warehouse.database) as connection:
        return [
            books.refuse(connection, books.entry(each.file_id, name, each.offer, "refused"), each.problem)
            for each in refused
        ]


def _content(path: Path, name: str, feed: PartnerFeed, keys: Sequence[Any]) -> Content:
    """What the file says, in memory. Raises FileRefusedError."""
    contract = reader.load(feed.contract)
    plain = opening.decrypted(path.read_bytes(), keys)
    with opening.opened(plain, name, feed.most_plain_mib << 20) as text:
        rows = Rows(text, contract, reader.currencies())
        parts = [books.arrow(each, contract) for each in rows.batches()]
    return Content(parts, rows.removed, rows.digest, rows.count)
