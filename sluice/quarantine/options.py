"""Options that the verbs of `sluice quarantine` share."""

from __future__ import annotations

from typing import Annotated

import typer

from sluice.quarantine.held import QuarantineError
from udfs.card_numbers import holds_card_number


def _kept_in_the_books(why: str | None) -> str | None:
    if why and holds_card_number(why):
        raise QuarantineError("--why holds digits like a card number, which may stand in no book")
    return why


Reason = Annotated[str | None, typer.Option("--reason", help="Only records held back for this reason.")]
FieldName = Annotated[str | None, typer.Option("--field", help="Only those where this field was wrong.")]
Source = Annotated[
    str | None,
    typer.Option("--source", metavar="TOPIC[/PARTITION]", help="Only those from there, such as transactions/3."),
]
Step = Annotated[
    str | None,
    typer.Option(
        "--step", help="Only those of this step: gate, history, hot_state, alert_episodes, references, customer_events."
    ),
]
Last = Annotated[str, typer.Option("--last", help="How far to look back: 30m, 24h, 7d.")]
Why = typer.Option("--why", help="The reason, for the books.", callback=_kept_in_the_books)
QuarantineId = Annotated[
    str,
    typer.Argument(metavar="ID", help="As `sluice quarantine list --each` shows it, or its start."),
]
