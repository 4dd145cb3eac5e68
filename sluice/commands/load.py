"""`sluice load`: the lake's new files into the warehouse."""

from __future__ import annotations

import time
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from jobs.warehouse_load.incoming import Held
from jobs.warehouse_load.load import Loaded
from jobs.warehouse_load.main import run, run_labels
from sluice import settings
from sluice.commands.options import SettingsFile
from sluice.reports import written
from sluice.settings import Settings


def _table(loaded: Loaded) -> Table:
    table = Table("table", box=None, header_style="bold")
    for heading in ("new files", "rows added", "repeats dropped"):
        table.add_column(heading, justify="right")
    for kind, files in loaded.files.items():
        table.add_row(f"lake_{kind}", f"{files:,}", f"{loaded.rows[kind]:,}", f"{loaded.repeats[kind]:,}")
    return table


def _print_held(held: Sequence[Held]) -> None:
    """What was left out stands in the table load_quarantine too."""
    if not held:
        return
    typer.secho(f"{len(held)} file{'s' * (len(held) > 1)} held back, each load tries again:", fg="yellow", err=True)
    for each in held:
        typer.secho(f"  {each.file.path}\n    {each.reason}: {each.message}", fg="yellow", err=True)


def _load_labels(values: Settings, file: Path) -> None:
    loaded = run_labels(values, file)
    if loaded.recorded_at is None:
        typer.echo(f"the labels of {file} have been loaded before")
        return
    typer.echo(
        f"{loaded.rows:,} labels of {file} loaded, {loaded.repeats:,} said nothing new, "
        f"recorded at {written(loaded.recorded_at)}"
    )
    typer.echo("next: sluice report rule-performance, or value-protected")


def load(
    *,
    labels: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Load these labels instead, such as `sluice generate` writes.")
    ] = None,
    settings_file: SettingsFile = None,
) -> None:
    """Load what is new in the lake into the warehouse, or what became known of transactions."""
    values = settings.load(settings_file)
    if labels is not None:
        _load_labels(values, labels)
        return
    started = time.monotonic()
    loaded = run(values)
    seconds = time.monotonic() - started
    if loaded.recorded_at is None:
        typer.echo(f"nothing new in s3://{values.lake.bucket}/{values.lake.prefix} ({seconds:.1f} s)")
        _print_held(loaded.held)
        return
    Console().print(_table(loaded))
    typer.echo(f"loaded into {values.warehouse.database} in {seconds:.1f} s, recorded at {written(loaded.recorded_at)}")
    _print_held(loaded.held)
    typer.echo("next: sluice report transactions-by-day")
