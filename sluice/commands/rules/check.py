"""`sluice rules check`: whether a rules file can be used."""

from __future__ import annotations

import typer

from sluice.commands.options import SettingsFile
from sluice.readable import counted
from sluice.rules import RulesFile, read
from udfs.rules.log import entities


def check(file: RulesFile = None, *, settings_file: SettingsFile = None) -> None:
    """Say whether a rules file can be used, or what is wrong with it, and where."""
    path, versions = read(file, settings_file)
    for each in versions:
        holds = f"{each.holds_from:%Y-%m-%d %H:%M:%S}"
        typer.echo(f"version {each.version} holds from {holds} UTC on: {counted(len(each.rules), 'rules')}")
    typer.echo(f"the job keeps the histories of each {', '.join(entities(versions))}")
    typer.echo(f"{path} is right; `sluice rules test` tries its examples")
