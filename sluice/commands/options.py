"""Options that several verbs share."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

SettingsFile = Annotated[
    Path | None,
    typer.Option("--settings", metavar="FILE", help="Without it sluice.yaml, where that exists, or the defaults."),
]
