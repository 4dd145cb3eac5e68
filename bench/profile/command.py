"""Where the deciding job's processor time goes."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Annotated

import orjson
import typer
from rich.console import Console

from bench import drain
from bench.house import servers
from bench.profile import picture, samplers
from bench.profile.measure import Run
from sluice.flink_jobs import FLINK_JOBS
from sluice.settings import Settings

DECIDING = next(each for each in FLINK_JOBS if each.decides)
RESULT, CHART = Path("build/profile.json"), Path("build/profile.svg")


def profile(
    *,
    transactions: Annotated[int, typer.Option(min=200_000, help="How many the job works off.")] = 2_000_000,
) -> None:
    """See where the deciding job's processor time goes; writes build/profile.json and build/profile.svg."""
    console = Console()
    samplers.check()
    with servers(Settings(), console, storage=False) as stack:
        drain.fill(stack.settings, transactions, console)
        found = Run(stack, DECIDING, transactions, console).profile()
    conditions = {"transactions": transactions, "cores": os.cpu_count()}
    RESULT.write_bytes(orjson.dumps({**conditions, **found.as_json()}, option=orjson.OPT_INDENT_2))
    CHART.write_text(picture.chart(found), encoding="utf-8")
    picture.show(console, found)
    console.print(f"The same as JSON: {RESULT}, as a chart: {CHART}")
