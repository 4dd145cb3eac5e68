"""The rules file of the settings, or another one, for the commands."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from sluice import settings
from sluice.errors import SluiceError
from udfs.checked_yaml import WrongFileError
from udfs.rules.file import load
from udfs.rules.model import Version

RulesFile = Annotated[
    Path | None,
    typer.Argument(metavar="[FILE]", help="A rules file; without it that of the settings.", show_default=False),
]


class RulesFileError(SluiceError):
    """The rules file is wrong."""


def read(file: Path | None, settings_file: Path | None) -> tuple[Path, tuple[Version, ...]]:
    """The file and its versions. Raises RulesFileError."""
    path = file or settings.load(settings_file).fraud_detection.rules
    try:
        return path, load(path)
    except WrongFileError as error:
        raise RulesFileError(str(error)) from error
