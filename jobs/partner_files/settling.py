"""Loads a file that has come, or holds it back."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any

from contracts import reader
from jobs.partner_files import books, entries
from jobs.partner_files.collect import Received, Refused
from jobs.partner_files.entries import Content, Entry
from jobs.partner_files.feeds import PartnerFilesError, chosen, identities
from jobs.partner_files.sftp import Offer
from jobs.partner_files.spool import Part, Spool
from sluice import warehouse
from sluice.sections import PartnerFeed
from sluice.settings import Settings
from udfs.partner_files import opening
from udfs.partner_files.refusal import FileRefusedError
from udfs.partner_files.rows import Rows


def settled(
    settings: Settings, name: str, feed: PartnerFeed, keys: Sequence[Any], spool: Spool, each: Received
) -> Entry:
    """Load a file, or hold it back. What is on disk is moved or removed only when nothing else would be lost by it."""
    contract = reader.load(feed.contract)
    entry = entries.offered(each.file_id, name, each.offer, "quarantined", each.part.sha256())
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


def noted(settings: Settings, name: str, refused: Sequence[Refused]) -> list[Entry]:
    """Note files that were not fetched."""
    if not refused:
        return []
    with warehouse.opened(settings.warehouse.database) as connection:
        return [
            books.refuse(connection, entries.offered(each.file_id, name, each.offer, "refused"), each.problem)
            for each in refused
        ]


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
        return settled(settings, name, feed, identities(name, feed), spool, again)


def _content(path: Path, name: str, feed: PartnerFeed, keys: Sequence[Any]) -> Content:
    """What the file says, in memory. Raises FileRefusedError."""
    contract = reader.load(feed.contract)
    plain = opening.decrypted(path.read_bytes(), keys)
    with opening.opened(plain, name, feed.most_plain_mib << 20) as text:
        rows = Rows(text, contract, reader.currencies())
        parts = [entries.arrow(each, contract) for each in rows.batches()]
    return Content(parts, rows.removed, rows.digest, rows.count)
