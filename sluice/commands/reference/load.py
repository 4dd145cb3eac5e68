"""`sluice reference load`: versions of a reference from a file."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from sluice import references, settings
from sluice.commands.options import SettingsFile
from sluice.references import TableName
from udfs.times import clock_ms


def load(
    *,
    file: Annotated[Path, typer.Argument(help="A .csv file with a header, or a .yaml list.")],
    table: TableName,
    settings_file: SettingsFile = None,
) -> None:
    """Check a file of versions, line by line, and send all of them or, where one is wrong, none."""
    values, of = settings.load(settings_file), references.named(table)
    versions = references.read_file(file, of)
    references.send(values, of, versions)
    entities = len({each.entity for each in versions})
    topic = getattr(values.kafka.topics, table)
    typer.echo(f"sent {len(versions):,} versions ({entities:,} different {of.entity.name}) to {topic}")
    now_ms = clock_ms()
    past = sum(each.valid_from_ms < now_ms for each in versions)
    if past:
        typer.echo(f"{past:,} hold from a moment in the past; decisions that are enriched by now keep what they have")
