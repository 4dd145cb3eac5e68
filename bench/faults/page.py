"""What a fault run has shown, as a table, as JSON and as a page."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
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


def as_json(results: Sequence[Result], seed: int, soak_minutes: float | None = None) -> dict[str, Any]:
    """`soak_minutes` is None for a run of single cases."""
    return {
        "seed": seed,
        "soak_minutes": soak_minutes,
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


def markdown(found: Mapping[str, Any]) -> str:
    """The page of a run, from what `as_json` gives."""
    cases = found["cases"]
    records, checks = sum(each["records"] for each in cases), sum(len(each["checks"]) for each in cases)
    passed = sum(each["passed"] for each in cases)
    lines = [
        f"# A soak of {found['soak_minutes']:g} minutes" if found["soak_minutes"] else "# Fault runs",
        "",
        f"Seed {found['seed']}. Each case feeds seeded traffic with the troubles of a real feed, breaks something,",
        "heals it, waits until every job has caught up, and holds everything that is there against the oracle.",
        "A control takes a safeguard away, and passes when the checks see the damage.",
        "",
        f"**{passed} of {len(cases)} cases passed, with {checks:,} checks of {records:,} records.**",
        "",
        "| case | what was done | what happened | records | checks | s | |",
        "|---|---|---|--:|--:|--:|---|",
        *map(_row, cases),
        "",
        *(_totals(cases) if found["soak_minutes"] else ()),
    ]
    return "\n".join(lines)


def _row(case: Mapping[str, Any]) -> str:
    failed = [f"{each['name']}: {each['words']}" for each in case["checks"] if not each["passed"]]
    happened = [f"{name} {count:,}" for name, count in case["proof"].items()] + failed
    if case["trouble"]:
        happened.append(case["trouble"].splitlines()[0])
    checks = f"{len(case['checks']) - len(failed)} of {len(case['checks'])}" if case["checks"] else "-"
    verdict = "passed" if case["passed"] else "**FAILED**"
    cells = (
        f"`{case['name']}`",
        case["title"],
        "; ".join(happened),
        f"{case['records']:,}",
        checks,
        f"{case['seconds']:.0f}",
    )
    return f"| {' | '.join(cells)} | {verdict} |"


def _totals(cases: Sequence[Mapping[str, Any]]) -> list[str]:
    totals: Counter[str] = Counter()
    for case in cases:
        totals.update(case["proof"])
    rows = [f"| {name} | {count:,} |" for name, count in sorted(totals.items())]
    return ["| in all laps | |", "|---|--:|", *rows, ""]


def write(results: Sequence[Result], seed: int, soak_minutes: float | None = None) -> tuple[Path, Path]:
    """Write faults.json and faults.md; where they are."""
    FOLDER.mkdir(exist_ok=True)
    data, page = FOLDER / "faults.json", FOLDER / "faults.md"
    found = as_json(results, seed, soak_minutes)
    data.write_bytes(orjson.dumps(found, option=orjson.OPT_INDENT_2))
    page.write_text(markdown(found), encoding="utf-8")
    return data, page
