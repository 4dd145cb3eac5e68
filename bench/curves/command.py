"""How the cost of a decision grows."""

from __future__ import annotations

import os
import shutil
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from bench import kept
from bench.curves import picture
from bench.curves.house import House
from bench.curves.measure import Measured, measure
from bench.curves.points import CURVES, POINTS, Point
from localstack.interrupts import as_keyboard_interrupt
from localstack.ports import on_free_ports
from localstack.stack import Stack
from sluice.errors import SluiceError
from sluice.settings import Settings

HOME = Path("build/curves")
PAGE, CHART = Path("build/curves.md"), Path("build/curves.svg")


def _chosen(curves: list[str] | None) -> list[Point]:
    if unknown := [each for each in curves or () if each not in CURVES]:
        raise SluiceError(f"there is no curve {unknown[0]!r}; there are: {', '.join(CURVES)}")
    return [each for each in POINTS if curves is None or each.curve in curves]


def _earlier(points: list[Point]) -> list[Measured]:
    """What was kept of other points."""
    found = [Measured(**each) for each in (kept.earlier("curves") or {"points": ()})["points"]]
    again = {each.key for each in points}
    return [each for each in found if f"{each.curve}: {each.label}" not in again]


def _write(found: list[Measured]) -> None:
    kept.keep("curves", {"cores": os.cpu_count(), "points": [each.as_json() for each in found]})
    PAGE.write_text(picture.markdown(found), encoding="utf-8")
    CHART.write_text(picture.chart(found), encoding="utf-8")


def curves(
    *,
    curve: Annotated[list[str] | None, typer.Option(help="Only this one; may stand several times.")] = None,
) -> None:
    """Measure how the cost of a decision grows; draws build/curves.svg, with a table in build/curves.md.

    What was measured before of other curves stays in them.
    """
    console = Console()
    points = _chosen(curve)
    found = _earlier(points)
    shutil.rmtree(HOME, ignore_errors=True)
    stack = Stack(on_free_ports(Settings(), HOME.resolve()), console)
    with as_keyboard_interrupt():
        try:
            stack.start([stack.kafka])
            house = House(stack, console)
            for point in points:
                found.append(measure(house, point))
                _write(found)
                rate, cost = found[-1].events_per_second, sum(found[-1].micros.values())
                console.print(f"  {point.key}: {rate:,} events/s, {cost:.1f} µs an event", highlight=False)
        finally:
            stack.stop()
    picture.show(console, found)
    console.print(f"The same in {kept.FILE}, {PAGE} and {CHART}")
