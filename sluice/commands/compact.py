"""`sluice compact`: the lake's small files into larger ones."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import typer

from sluice import settings
from sluice.commands.options import SettingsFile
from sluice.compaction.objects import opened
from sluice.compaction.steps import Compaction


def _now() -> datetime:
    return datetime.now(UTC)


def compact(*, settings_file: SettingsFile = None) -> None:
    """Merge the small files of the lake's older days; run it once a day.

    No answer changes, and nothing that reads meanwhile is disturbed: what was
    merged is deleted by a later run, after lake.grace_hours.
    """
    values = settings.load(settings_file)
    lake = values.lake
    before = (_now() - timedelta(days=lake.compact_after_days - 1)).date().isoformat()
    merged = into = deleted = 0
    with opened(values.aws, lake) as objects:
        grace = timedelta(hours=lake.grace_hours)
        for each in Compaction(objects, lake.prefix, lake.compact_mib << 20, grace, before, _now).run():
            name = each.folder.removeprefix(f"{lake.prefix}/")
            if each.merged:
                typer.echo(f"{name}: {each.merged:,} files with {each.rows:,} rows merged into {each.into:,}")
            if each.deleted:
                typer.echo(f"{name}: {each.deleted:,} files deleted that had been merged before")
            merged, into, deleted = merged + each.merged, into + each.into, deleted + each.deleted
    place = f"s3://{lake.bucket}/{lake.prefix}"
    if not merged and not deleted:
        typer.echo(f"nothing to merge in {place}, in days before {before}")
    elif merged:
        typer.echo(f"{merged:,} files became {into:,}; the old ones are deleted by a run after {lake.grace_hours:g} h")
