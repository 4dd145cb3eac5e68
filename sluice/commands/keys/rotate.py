"""`sluice keys rotate`: a new token key."""

from __future__ import annotations

from typing import Annotated

import typer

from sluice import settings
from sluice.commands.options import SettingsFile
from sluice.keys import audit, sources
from sluice.keys.sources import told
from sluice.quarantine.options import Why
from sluice.readable import utc
from udfs.times import clock_ms, iso_ms

CLOCKS_DIFFER_MS = 5_000
"""By so much the clocks of this machine, the broker and the gates may be apart."""


def rotate(*, why: Annotated[str, Why], settings_file: SettingsFile = None) -> None:
    """Make a new token key, which holds once every running gate must have asked for it."""
    values = settings.load(settings_file)
    keys = values.fraud_detection.gate.keys
    source = sources.token_keys(keys, values.aws)
    with told():
        now_ms = clock_ms()
        audit.audit(values, audit.line(audit.ROTATE, source.read().holding(now_ms).kid, why=why))
        added = source.add(now_ms + round(keys.lease_seconds * 1_000) + CLOCKS_DIFFER_MS)
    typer.echo(f"key {added.kid} holds for what Kafka appends from {utc(iso_ms(added.from_ms))} UTC on")
    if keys.source == "file":
        typer.echo(f"where TaskManagers run on several machines, copy {keys.file} to each of them before that")
