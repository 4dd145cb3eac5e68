"""`python -m bench.curves`: how the cost of a decision grows."""

from __future__ import annotations

import os
import shutil
from pathlib import Path
from typing import Annotated, Any

import orjson
import typer
from rich.console import Console

from bench.curves import picture
from bench.curves.house import House
from bench.curves.measure import Measured, measure
from bench.curves.points import CURVES, POINTS, Point
from localstack.interrupts import as_keyboard_interrupt
from localstack.ports import on_free_ports
from localstack.stack import Stack
from sluice import cli
from sluice.errors import SluiceError
from sluice.settings import Settings

HOME = Path("build/curves")
RESULT, PAGE, CHART = Path("build/curves.json"), Path("build/curves.md"), Path("build/curves.svg")

app = typer.Typer(add_completion=False, pretty_exceptions_show_locals=False)


def _chosen(curves: list[str] | None) -> list[Point]:
    if unknown := [each for each in curves or () if each not in CURVES]:
        raise SluiceError(f"there is no curve {unknown[0]!r}; there are: {', '.join(CURVES)}")
    return [each for each in POINTS if curves is None or each.curve in curves]


def _earlier(points: list[Point]) -> list[Measured]:
    """What build/curves.json holds of other points."""
    if not RESULT.exists():
        return []
    found = [Measured(**each) for each in orjson.loads(RESULT.read_bytes())["points"]]
    again = {each.key for each in points}
    return [each for each in found if f"{each.curve}: {each.label}" not in again]


def _write(found: list[Measured]) -> None:
    content: dict[str, Any] = {"cores": os.cpu_count(), "points": [each.as_json() for each in found]}
    RESULT.write_bytes(orjson.dumps(content, option=orjson.OPT_INDENT_2))
    PAGE.write_text(picture.markdown(found), encoding="utf-8")
    CHART.write_text(picture.chart(found), encoding="utf-8")


@app.command()
def curves(
    *,
    curve: Annotated[list[str] | None, typer.Option(help="Only this one; may stand several times.")] = None,
) -> None:
    """Measure how the cost of a decision grows; writes build/curves.json, .md and .svg.

    What was measured before of other curves stays in these files.
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
    console.print(f"The same in {RESULT}, {PAGE} and {CHART}")


if __name__ == "__main__":
    cli.run("curves", app)
