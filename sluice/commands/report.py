"""`sluice report`: a question to the warehouse, as of one day, as known at one moment."""

from __future__ import annotations

import csv
import io
import json
from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from typing import Annotated

import typer
from rich.table import Table

from sluice import reports, restatements, settings, warehouse
from sluice.commands import restated
from sluice.commands.options import SettingsFile
from sluice.warehouse import WarehouseError

KNOWN = "--as-known"


class Format(StrEnum):
    TABLE = "table"
    CSV = "csv"
    JSON = "json"


def as_csv(answer: reports.Answer) -> str:
    """A header and a line for each row."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(answer.columns)
    writer.writerows(answer.rows)
    return out.getvalue()


def as_json(answer: reports.Answer) -> str:
    """The pair that was asked for and the rows as objects; dates are ISO 8601."""
    content = {
        "as_of": reports.written(answer.as_of),
        "as_known": reports.written(answer.as_known),
        "rows": [dict(zip(answer.columns, row, strict=True)) for row in answer.rows],
    }
    return json.dumps(content, indent=2, default=str) + "\n"


def _is_number(value: object) -> bool:
    return isinstance(value, int | Decimal)


def _cell(value: object) -> str:
    if value is None:
        return "-"
    return f"{value:,}" if _is_number(value) else str(value)


def _print_table(answer: reports.Answer) -> None:
    table = Table(box=None, header_style="bold")
    numbers = {name for row in answer.rows for name, each in zip(answer.columns, row, strict=True) if _is_number(each)}
    for column in answer.columns:
        table.add_column(column, justify="right" if column in numbers else "left")
    for row in answer.rows:
        table.add_row(*(_cell(each) for each in row))
    restated.print_whole(table)
    if not answer.rows:
        typer.echo("no rows")
    typer.echo(f"as of {reports.written(answer.as_of)}, as known at {reports.written(answer.as_known)}")


def _one_moment(as_known: list[str]) -> datetime | None:
    if len(as_known) > 1:
        raise WarehouseError("a report is as known at one moment; compare two with `sluice report diff NAME`")
    return reports.moment(as_known[0], KNOWN) if as_known else None


def _two_moments(as_known: list[str]) -> list[datetime]:
    if len(as_known) != len(("before", "after")):
        raise WarehouseError(f"name the two moments to compare: {KNOWN} MOMENT {KNOWN} MOMENT")
    return [reports.moment(each, KNOWN) for each in as_known]


def report(
    *,
    question: Annotated[
        list[str], typer.Argument(metavar="[diff] NAME", help=f"Which report: {', '.join(reports.names())}.")
    ],
    as_of: Annotated[
        str | None, typer.Option(metavar="DATE|MOMENT", help="Events up to then count; the default is --as-known.")
    ] = None,
    as_known: Annotated[
        list[str] | None,
        typer.Option(metavar="DATE|MOMENT", help="What was loaded by then counts; the default is now. Two for diff."),
    ] = None,
    output: Annotated[Format, typer.Option("--format", help="How to print it.")] = Format.TABLE,
    settings_file: SettingsFile = None,
) -> None:
    """Report as of any moment, as known at any moment; diff shows what was restated between two."""
    *words, name = question
    if words not in ([], ["diff"]):
        raise WarehouseError(f"can't make sense of {' '.join(question)!r}; write sluice report NAME, or diff NAME")
    values = settings.load(settings_file)
    of = None if as_of is None else reports.moment(as_of, "--as-of")
    with warehouse.opened(values.warehouse.database) as connection:
        if words:
            _print_difference(restatements.diff(connection, name, of, _two_moments(as_known or [])), output)
        else:
            _print(reports.ask(connection, name, of, _one_moment(as_known or [])), output)


def _print(answer: reports.Answer, output: Format) -> None:
    if output is Format.TABLE:
        _print_table(answer)
    else:
        typer.echo(as_csv(answer) if output is Format.CSV else as_json(answer), nl=False)


def _print_difference(found: restatements.Difference, output: Format) -> None:
    if output is Format.TABLE:
        restated.print_table(found)
    else:
        typer.echo(restated.as_csv(found) if output is Format.CSV else restated.as_json(found), nl=False)
