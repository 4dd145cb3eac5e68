"""What the books say of a file, and what is left of it to be loaded."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import pyarrow as pa

from contracts.reader import Contract
from jobs.partner_files.sftp import Offer
from udfs.partner_files import names
from udfs.times import moment

_ARROW = {"string": pa.string(), "integer": pa.int64(), "timestamp": pa.timestamp("ms", tz="UTC")}


@dataclass(frozen=True)
class Entry:
    """A row of contracts/partner_files.yaml."""

    file_id: str
    feed: str
    name: str
    size_bytes: int
    modified_at: datetime
    state: str
    reason: str | None = None
    message: str | None = None
    column_diff: tuple[tuple[str, str], ...] = ()
    findings: tuple[tuple[int, str, str], ...] = ()
    removed_columns: tuple[str, ...] = ()
    received_sha256: str | None = None
    content_sha256: str | None = None
    duplicate_of: str | None = None
    rows: int = 0
    new_rows: int = 0


@dataclass(frozen=True)
class Content:
    """What is left of a file that is as its contract says: Arrow tables, without the columns that were removed."""

    parts: Sequence[Any]
    removed: tuple[str, ...]
    digest: str
    rows: int


def arrow(columns: dict[str, list[Any]], contract: Contract) -> Any:
    """The values of some rows as an Arrow table with the contract's fields."""
    schema = pa.schema([(each.name, _ARROW[each.type]) for each in contract.fields])
    return pa.table(columns, schema=schema)


def offered(file_id: str, feed: str, offer: Offer, state: str, received_sha256: str | None = None) -> Entry:
    """The books' row of what the server offered, in `state`."""
    return Entry(
        file_id,
        feed,
        names.shown(offer.name),
        offer.size,
        moment(offer.modified_ms),
        state,
        received_sha256=received_sha256,
    )
