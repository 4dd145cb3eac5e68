"""`sluice keys list`: the token keys, without the keys themselves."""

from __future__ import annotations

from rich.console import Console
from rich.table import Table

from sluice import settings
from sluice.commands.options import SettingsFile
from sluice.keys import sources
from sluice.keys.sources import told
from sluice.readable import utc
from udfs.keys.ring import KeyRing
from udfs.times import clock_ms, iso_ms


def _table(ring: KeyRing, now_ms: int) -> Table:
    table = Table("key", "holds from (UTC)", "", box=None, header_style="bold")
    current = ring.holding(now_ms)
    for key in ring.keys:
        since = utc(iso_ms(key.from_ms)) if key.from_ms else "the beginning"
        state = "holds" if key is current else "is yet to hold" if key.from_ms > now_ms else "earlier"
        links = ", histories are kept under it" if key is ring.keys[0] else ""
        table.add_row(key.kid, since, f"{state}{links}")
    return table


def list_(*, settings_file: SettingsFile = None) -> None:
    """List the token keys: which one holds, from when, and under which histories are kept."""
    values = settings.load(settings_file)
    with told():
        ring = sources.ring(values)
    Console().print(_table(ring, clock_ms()))
