"""`sluice evaluate`: how well the rules find what is labelled as fraud."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import orjson
import typer
from rich.console import Console
from rich.table import Table

from sluice import evaluation, settings
from sluice.commands.options import SettingsFile
from sluice.evaluation import Evaluation
from sluice.labels import LabelsError, read_labels


def percent(value: float | None) -> str:
    return "-" if value is None else f"{value:.3%}"


def _table(*headings: str) -> Table:
    table = Table(box=None, header_style="bold")
    for number, heading in enumerate(headings):
        table.add_column(heading, justify="right" if number else "left")
    return table


def show(console: Console, found: Evaluation) -> None:
    """By scenario, by rule, and in all."""
    scenarios = _table("scenario", "cases", "found", "recall", "transactions", "flagged")
    for each in found.scenarios:
        counts = (f"{each.transactions:,}", f"{each.flagged:,}")
        scenarios.add_row(each.name, f"{each.cases:,}", f"{each.found:,}", percent(each.recall), *counts)
    rules = _table("rule", "fraudulent", "legitimate", "precision", "cases found")
    for rule in found.rules:
        counts = (f"{rule.fraudulent:,}", f"{rule.legitimate:,}")
        rules.add_row(rule.name, *counts, percent(rule.precision), f"{rule.cases:,}")
    for table in (scenarios, rules):
        console.print(table)
        console.print()
    console.print(f"{found.found:,} of {found.cases:,} cases found: recall {percent(found.recall)}", highlight=False)
    console.print(f"precision {percent(found.precision)} of the flagged transactions", highlight=False)
    flagged = f"{found.legitimate_flagged:,} of {found.legitimate:,} legitimate transactions flagged"
    console.print(f"{flagged}: {percent(found.false_positive_rate)}", highlight=False)
    if found.undecided:
        console.print(f"{found.undecided:,} labelled transactions have no decision", style="yellow", highlight=False)


def evaluate(
    *,
    labels: Annotated[Path, typer.Argument(help="The .labels.jsonl that `sluice generate` wrote beside the traffic.")],
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
    settings_file: SettingsFile = None,
) -> None:
    """Compare decisions with labels: precision, recall and false positives by scenario and rule."""
    values, console = settings.load(settings_file), Console()
    known = list(read_labels(labels))
    with console.status("reading the decisions …"):
        found = evaluation.evaluate(known, evaluation.fired(values))
    if found.undecided == len(known):
        raise LabelsError(f"none of the {len(known):,} transactions of {labels} is decided; was that traffic replayed?")
    if as_json:
        typer.echo(orjson.dumps(found.as_json(), option=orjson.OPT_INDENT_2).decode())
    else:
        show(console, found)
