"""`sluice deploy managed-flink`: the property groups of AWS Managed Service for Apache Flink."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated

import typer

from sluice.commands.options import SettingsFile
from sluice.deployment.managed_flink import groups
from sluice.flink_jobs import FLINK_JOBS
from sluice.settings import load


def managed_flink(
    *,
    out: Annotated[Path, typer.Option("--out", help="The folder to write into.")] = Path("build/managed-flink"),
    settings_file: SettingsFile = None,
) -> None:
    """Write application_properties.json for each job, with what runs it and with the settings."""
    values = load(settings_file)
    files = {out / job.name / "application_properties.json": groups(values, job) for job in FLINK_JOBS}
    for file, content in files.items():
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(json.dumps(content, indent=2) + "\n", encoding="utf-8")
        typer.echo(file)
