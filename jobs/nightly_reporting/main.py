"""The job `nightly_reporting`: a closed day's books, from the core-banking system to the warehouse."""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path

from jobs.nightly_reporting.extract import extract
from jobs.nightly_reporting.publish import Approval, Outcome, publish
from sluice import nightly, warehouse
from sluice.nightly import NightlyError
from sluice.reports import written
from sluice.settings import Settings


def run(
    settings: Settings, day: date, approval: Approval | None = None, clock: Callable[[], datetime] = warehouse.now
) -> Outcome:
    """Extract, validate, publish or block. Raises NightlyError or WarehouseError where it could not be told which.

    The warehouse is held only after the extraction, so that loads and reports do not wait for the other system.
    """
    _check_ready(settings, day, clock())
    with tempfile.TemporaryDirectory(prefix="sluice-nightly-") as folder:
        books = extract(settings.nightly, day, Path(folder) / "entries.parquet")
        with warehouse.opened(settings.warehouse.database) as connection:
            return publish(connection, books, day, settings.nightly.most_named, approval, clock)


def _check_ready(settings: Settings, day: date, now: datetime) -> None:
    """Only a day that is over, and that the warehouse has been loaded after, can be told about."""
    over = datetime.combine(day + timedelta(days=1), time(), UTC)
    if now < over:
        raise NightlyError(f"{day} is not over, days are those of UTC; run it again after {written(over)}")
    with warehouse.opened(settings.warehouse.database) as connection:
        loaded = nightly.last_load(connection)
    if loaded is None or loaded < over:
        raise NightlyError(
            f"the warehouse has not been loaded since {day} was over at {written(over)}, so that decisions would "
            "seem to be missing; run `sluice load` first"
        )
