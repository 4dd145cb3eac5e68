"""What a fault run has shown, as a table, as JSON and as a page."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import orjson
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from bench.faults.run import Result

FOLDER = Path("build")


def outcome(result: Result) -> str:
    """One line: what has happened, or what is wrong."""
    if result.trouble:
        return result.trouble.splitlines()[0]
    if result.unproven or not result.proof:
        return f"not proven: {', '.join(result.unproven) or 'no proof'}"
    if result.failed and not result.case.must_fail:
        return "; ".join(f"{each.name}: {each.words}" for each in result.failed)
    if result.case.must_fail and not result.passed:
        return f"the checks did not see it: {', '.join(sorted(result.case.must_fail))}"
    seen = [f"{each.name}: {each.words}" for each in result.failed]
    return ", ".join([*(f"{name} {count:,}" for name, count in result.proof.items()), *seen])


def show(console: Console, result: Result) -> None:
    mark = "[green]✓[/]" if result.passed else "[red]✗[/]"
    console.print(f"  {mark} {result.case.name:<22} {result.seconds:5.0f} s  {escape(outcome(result))}", soft_wrap=True)


def summary(results: Sequence[Result]) -> Table:
    """Every case with its verdict, and how many checks it passed over how many records."""
    table = Table("case", "what was done", box=None, header_style="bold")
    for name in ("s", "records", "checks", ""):
        table.add_column(name, justify="right")
    for each in results:
        verdict = "[green]passed[/]" if each.passed else "[red]FAILED[/]"
        good = sum(check.passed for check in each.checks)
        table.add_row(
            each.case.name,
            each.case.title,
            f"{each.seconds:.0f}",
            f"{each.messages:,}" if each.messages else "-",
            f"{good} of {len(each.checks)}" if each.checks else "-",
            verdict,
        )
    return table


def as_json(results: Sequence[Result], seed: int) -> dict[str, Any]:
    return {
        "seed": seed,
        "passed": all(each.passed for each in results),
        "cases": [
            {
                "name": each.case.name,
                "title": each.case.title,
                "passed": each.passed,
                "control": sorted(each.case.must_fail),
                "seconds": round(each.seconds, 1),
                "records": each.messages,
                "proof": each.proof,
                "checks": [check._asdict() for check in each.checks],
                "trouble": each.trouble,
            }
            for each in results
        ],
    }


def _markdown(results: Sequence[Result], seed: int) -> str:
    lines = [
        "# Fault runs",
        "",
        f"Seed {seed}. Each case feeds seeded traffic with the troubles of a real feed, breaks something, heals it,",
        "waits until every job has caught up, and holds everything that is there against the oracle.",
        "",
    ]
    for each in results:
        lines += [f"## {each.case.name}: {'passed' if each.passed else 'FAILED'}", "", each.case.title, ""]
        lines += [f"- {name}: {count:,}" for name, count in each.proof.items()]
        if each.trouble:
            lines.append(f"- ended early: {each.trouble.splitlines()[0]}")
        if each.case.must_fail:
            lines.append(f"- a negative control: {', '.join(sorted(each.case.must_fail))} must fail")
        if each.checks:
            lines += ["", f"| check of {each.messages:,} records | | seen |", "|---|---|---|"]
            lines += [f"| {check.name} | {'✓' if check.passed else '✗'} | {check.words} |" for check in each.checks]
        lines.append("")
    return "\n".join(lines)


def write(results: Sequence[Result], seed: int) -> tuple[Path, Path]:
    """Write faults.json and faults.md; where they are."""
    FOLDER.mkdir(exist_ok=True)
    data, page = FOLDER / "faults.json", FOLDER / "faults.md"
    data.write_bytes(orjson.dumps(as_json(results, seed), option=orjson.OPT_INDENT_2))
    page.write_text(_markdown(results, seed), encoding="utf-8")
    return data, page
