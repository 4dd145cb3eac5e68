"""`python -m bench.faults`: breaks what can break, and shows that nothing was lost."""

from __future__ import annotations

import secrets
import sys
from typing import Annotated

import typer
from rich.console import Console

from bench.faults import page
from bench.faults.case import Case
from bench.faults.cases import CASES
from bench.faults.run import Result, run
from bench.faults.soak import laps
from sluice import cli
from sluice.errors import SluiceError

app = typer.Typer(add_completion=False, pretty_exceptions_show_locals=False)


def _chosen(names: list[str] | None) -> list[Case]:
    known = {each.name: each for each in CASES}
    for name in names or ():
        if name not in known:
            raise SluiceError(f"there is no case {name!r}; --list shows all")
    return [each for each in CASES if names is None or each.name in names]


@app.command()
def faults(
    *,
    case: Annotated[list[str] | None, typer.Option(help="Only this case; may stand several times.")] = None,
    seed: Annotated[int | None, typer.Option(help="Drives traffic and faults; drawn and printed if absent.")] = None,
    soak: Annotated[float | None, typer.Option(help="Instead, faults at random times for so many minutes.")] = None,
    list_: Annotated[bool, typer.Option("--list", help="Show the cases, and run none.")] = False,
) -> None:
    """Break what can break on a real cluster, and show that nothing was lost; writes build/faults.json and .md."""
    console = Console()
    chosen = _chosen(case) if soak is None else list(laps(soak))
    if list_:
        for each in chosen:
            console.print(f"  {each.name:<22} {each.title}", highlight=False)
        return
    number = secrets.randbelow(10**6) if seed is None else seed
    console.print(f"[bold]Servers[/], seed {number}")
    results: list[Result] = []
    try:
        for result in run(chosen, number, console):
            results.append(result)
            page.show(console, result)
    finally:
        if results:
            files = page.write(results, number, soak)
            console.print(page.summary(results))
            console.print(f"Seed {number}. The same in full: {', '.join(map(str, files))}")
    if not all(each.passed for each in results):
        sys.exit(1)


if __name__ == "__main__":
    cli.run("faults", app)
