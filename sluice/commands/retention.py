"""`sluice retention`: days of the lake that are no longer kept."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated

import typer

from sluice import settings
from sluice.commands.options import SettingsFile
from sluice.compaction import retention as days
from sluice.compaction.objects import opened
from sluice.errors import SluiceError

_KIB = 1_024


def retention(
    *,
    delete: Annotated[bool, typer.Option("--delete", help="Delete them; without it they are only listed.")] = False,
    settings_file: SettingsFile = None,
) -> None:
    """List the lake's days that are older than lake.retention_days, or delete them.

    The warehouse keeps what it has loaded, so load before you delete.
    """
    values = settings.load(settings_file)
    lake, count, total = values.lake, 0, 0
    if not any(lake.retention_days.model_dump().values()):
        raise SluiceError("everything is kept; set lake.retention_days.decisions, .quarantine or .duplicates to days")
    with opened(values.aws, lake) as objects:
        for each in list(days.expired(objects, lake, datetime.now(UTC).date())):
            if delete:
                days.delete(objects, each)
            size = f"{len(each.folder.objects):,} objects, {each.bytes / _KIB:,.0f} KiB"
            typer.echo(f"{each.table} {each.day}: {size} {'deleted' if delete else 'would be deleted'}")
            count, total = count + 1, total + each.bytes
    place = f"s3://{lake.bucket}/{lake.prefix}"
    if not count:
        typer.echo(f"{place} holds nothing that is older than it is kept")
    elif not delete:
        typer.echo(f"{count:,} folders, {total / _KIB:,.0f} KiB; next: sluice load, then sluice retention --delete")
