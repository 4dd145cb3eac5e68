"""`sluice reference withdraw`: take one version back."""

from __future__ import annotations

from typing import Annotated

import typer

from sluice import references, settings
from sluice.commands.options import SettingsFile
from sluice.references import TableName


def withdraw(
    *,
    entity: Annotated[str, typer.Argument(help="A customer, merchant or currency, as the reference has it.")],
    table: TableName,
    valid_from: Annotated[str, typer.Option(help="Of the version: a day, or a moment as `show` has it, with T and Z.")],
    settings_file: SettingsFile = None,
) -> None:
    """Take one version back, so that the one before it holds on, or the default."""
    values, of = settings.load(settings_file), references.named(table)
    version = references.find(values, of, entity, valid_from)
    references.send(values, of, [version._replace(value=None)])
    typer.echo(f"withdrew {of.value.name} {version.value} of {entity} from {valid_from}")
