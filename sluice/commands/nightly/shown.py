"""How the verbs of `sluice nightly` read a day and show what a run came to."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import date
from typing import Annotated

import typer
from rich.markup import escape
from rich.table import Table

from jobs.nightly_reporting.publish import Outcome
from sluice.commands.restated import print_whole
from sluice.nightly import BLOCKED, PUBLISHED, Named, NightlyError, Run
from sluice.readable import counted
from sluice.reports import written

BLOCKED_CODE = 3
"""The exit code of a blocked day; 1 says that it could not be told, and that the same command may be run again."""
SHOWN, IDS_SHOWN = 20, 4

Day = Annotated[str, typer.Argument(metavar="DATE", help="The booking date, a day of UTC such as 2026-11-20.")]


def day_of(text: str) -> date:
    """Raises NightlyError for what is no date."""
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise NightlyError(f"{text!r} is no date; write it as 2026-11-20") from error


def _number(value: int | None) -> str:
    return "-" if value is None else f"{value:,}"


def _rows(ids: Sequence[str]) -> str:
    more = f" and {len(ids) - IDS_SHOWN:,} more" if len(ids) > IDS_SHOWN else ""
    return ", ".join(ids[:IDS_SHOWN]) + more or "-"


def print_findings(found: Sequence[Named], total: int, run_id: str, most: int) -> None:
    """The first `most` findings, and where the others are."""
    table = Table(box=None, header_style="bold")
    for heading in ("problem", "customer", "transaction", "currency"):
        table.add_column(heading)
    for heading in ("expected", "found", "difference"):
        table.add_column(heading, justify="right")
    for heading in ("entries", "what is wrong"):
        table.add_column(heading)
    for each in found[:most]:
        who = (escape(part or "-") for part in (each.customer_id, each.transaction_id, each.currency))
        amounts = map(_number, (each.expected, each.found, each.difference))
        table.add_row(each.problem, *who, *amounts, escape(_rows(each.entries)), each.message)
    print_whole(table)
    typer.echo("amounts are in minor units of the currency")
    if len(found) > most:
        typer.echo(f"{len(found) - most:,} more: sluice nightly show {run_id}")
    if total > len(found):
        typer.echo(f"{total - len(found):,} more were counted and not kept, by nightly.most_named")


def _print_totals(outcome: Outcome) -> None:
    table = Table("currency", box=None, header_style="bold")
    for heading in ("entries", "debit", "credit"):
        table.add_column(heading, justify="right")
    for currency, total in sorted(outcome.verdict.totals.items()):
        table.add_row(escape(currency or "-"), *map(_number, total))
    if outcome.verdict.totals:
        print_whole(table)


def end(outcome: Outcome) -> None:
    """Print what a run came to and what to do next; a blocked one ends with BLOCKED_CODE."""
    run, verdict = outcome.run, outcome.verdict
    _print_totals(outcome)
    if run.outcome == BLOCKED:
        kept = [Named(*each[:6], each.difference, list(each.entries), each.message) for each in verdict.findings]
        print_findings(kept, run.findings, run.run_id, SHOWN)
        _alarm(run, verdict.counts, outcome.before)
        raise typer.Exit(BLOCKED_CODE)
    if run.outcome == PUBLISHED:
        instead = f" in place of {outcome.before.run_id}" if outcome.before else ""
        passed = f", {counted(run.findings, 'findings')} let pass by {run.approved_by}" if run.approved_by else ""
        at = written(run.recorded_at)
        typer.echo(f"{run.booking_date} published as {run.run_id}{instead}{passed}, recorded at {at}")
    elif outcome.before is not None:
        since = written(outcome.before.recorded_at)
        typer.echo(f"{run.booking_date} is as it was published as {outcome.before.run_id}, recorded at {since}")
    typer.echo(f"next: sluice report ledger-by-day --as-of {run.booking_date}")


def _alarm(run: Run, counts: Counter[str], before: Run | None) -> None:
    what = ", ".join(f"{count:,} {problem}" for problem, count in sorted(counts.items()))
    holds = f"{before.run_id} stays published" if before else "nothing is published for this day"
    typer.secho(f"{run.booking_date} is BLOCKED ({run.run_id}): {what}; {holds}", fg="red", err=True)
    typer.echo(
        f"next: have the books or the decisions mended and run sluice nightly run {run.booking_date} again, "
        f"or let these findings pass: sluice nightly approve {run.booking_date} --why REASON"
    )
