"""Options that the verbs of `sluice quarantine` share."""

from __future__ import annotations

from typing import Annotated

import typer

Reason = Annotated[str | None, typer.Option("--reason", help="Only records held back for this reason.")]
FieldName = Annotated[str | None, typer.Option("--field", help="Only those where this field was wrong.")]
Source = Annotated[
    str | None,
    typer.Option("--source", metavar="TOPIC[/PARTITION]", help="Only those from there, such as transactions/3."),
]
Step = Annotated[str | None, typer.Option("--step", help="Only those of this step: gate, history, hot_state.")]
Last = Annotated[str, typer.Option("--last", help="How far to look back: 30m, 24h, 7d.")]
QuarantineId = Annotated[
    str,
    typer.Argument(metavar="ID", help="As `sluice quarantine list --each` shows it, or its start."),
]
