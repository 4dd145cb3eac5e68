"""The demo's time travel: one day's figures before and after late records came, both still answerable."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from rich.table import Table

from jobs.warehouse_load.main import run as load
from sluice import reports, warehouse
from sluice.errors import SluiceError
from sluice.settings import Settings

REPORT = "transactions-by-day"


class Known(NamedTuple):
    """The report of one day as known at one moment."""

    as_known: datetime
    rows: tuple[tuple[Any, ...], ...]
    columns: tuple[str, ...]

    def total(self, column: str) -> int:
        return sum(row[self.columns.index(column)] for row in self.rows)


def load_and_report(settings: Settings, day: datetime) -> Known:
    """Load what is new in the lake, then report `day` as known now."""
    load(settings)
    return report(settings, day, None)


def report(settings: Settings, day: datetime, as_known: datetime | None) -> Known:
    """Only the rows of `day` itself."""
    with warehouse.opened(settings.warehouse.database) as connection:
        answer = reports.ask(connection, REPORT, day + timedelta(days=1, milliseconds=-1), as_known)
    at = answer.columns.index("event_date")
    rows = tuple(row for row in answer.rows if row[at] == day.date())
    return Known(answer.as_known, rows, answer.columns)


def confirm(settings: Settings, day: datetime, before: Known) -> None:
    """Ask again for what was known before. Raises SluiceError when the answer has changed."""
    if report(settings, day, before.as_known).rows != before.rows:
        raise SluiceError(
            f"the figures of {day:%Y-%m-%d} as known at {before.as_known} have changed; time travel is broken"
        )


def as_json(day: datetime, before: Known, after: Known) -> dict[str, Any]:
    """The day's number of transactions at both moments of knowledge."""
    known = {reports.written(each.as_known): each.total("transactions") for each in (before, after)}
    return {"day": f"{day:%Y-%m-%d}", "transactions_by_as_known": known}


def table(day: datetime, known: Iterable[tuple[str, Known]]) -> Table:
    """The day's totals over all currencies, and the sum in the first of them, one row for each moment of knowledge."""
    drawn = Table(title=f"{day:%Y-%m-%d}, as known at two moments", title_justify="left", header_style="bold", box=None)
    for heading in ("", "as known at", "transactions", "to review", "blocked", "USD"):
        drawn.add_column(heading, justify="left" if heading in {"", "as known at"} else "right")
    for words, each in known:
        at = each.columns.index("currency")
        usd = each._replace(rows=tuple(row for row in each.rows if row[at] == "USD")).total("amount_minor")
        figures = [each.total(name) for name in ("transactions", "reviewed", "blocked")]
        drawn.add_row(
            words, reports.written(each.as_known), *(f"{n:,}" for n in figures), f"{usd // 100:,}.{usd % 100:02d}"
        )
    return drawn
