"""`sluice nightly simulate`: what the core-banking system would have booked, in its local stand-in."""

from __future__ import annotations

from typing import Annotated

import typer

from localstack import core_banking
from localstack.postgres import address
from sluice import settings, warehouse
from sluice.commands.nightly.shown import Day, day_of
from sluice.commands.options import SettingsFile
from sluice.nightly import NightlyError


def simulate(
    *,
    day: Day,
    off_by: Annotated[
        int, typer.Option("--off-by", metavar="MINOR", help="Book the first transaction by so much too high.")
    ] = 0,
    settings_file: SettingsFile = None,
) -> None:
    """Book a day's approved transactions in the local stand-in for the core-banking system, and close the day."""
    values, on = settings.load(settings_file), day_of(day)
    port = values.local.postgres_port
    if port is None or values.nightly.source != address(port):
        raise NightlyError(
            "only the local stand-in can be booked in: set local.postgres_port to a port P, nightly.source to "
            "postgresql://sluice@127.0.0.1:P/postgres, and run sluice up"
        )
    with warehouse.opened(values.warehouse.database) as connection:
        approved = core_banking.approved(connection, on)
    if approved and off_by:
        approved[0] = approved[0]._replace(amount_minor=approved[0].amount_minor + off_by)
    booked = core_banking.entries(approved)
    core_banking.close_day(address(port), on, booked, warehouse.now())
    typer.echo(f"booked {len(approved):,} approved transactions of {on} as {len(booked):,} entries, and closed the day")
    typer.echo(f"next: sluice nightly run {on}")
