"""`sluice rules test`: whether each rule does what its examples say."""

from __future__ import annotations

from collections.abc import Sequence

from rich.console import Console
from rich.text import Text

from sluice.commands.options import SettingsFile
from sluice.readable import counted
from sluice.rules import RulesFile, RulesFileError, read
from udfs.rules.examples import Tried, tried


def _lines(rule: str, examples: Sequence[Tried]) -> list[Text]:
    failed = [each for each in examples if not each.passed]
    firing = sum(each.should_fire for each in examples)
    mark = Text("✗ ", style="red") if failed else Text("✓ ", style="green")
    head = mark + Text(f"{rule:<26} fires on {firing}, spares {len(examples) - firing}", style="default")
    return [head, *(Text(f"    {_complaint(each)}", style="red") for each in failed)]


def _complaint(each: Tried) -> str:
    return f"{'does not fire on' if each.should_fire else 'fires on'} {each.words()}"


def test(file: RulesFile = None, *, settings_file: SettingsFile = None) -> None:  # noqa: PT028 - a verb
    """Try each rule on its own examples: those it must fire on, and those it must spare."""
    path, versions = read(file, settings_file)
    console, failed, count = Console(), 0, 0
    for version in versions:
        console.print(Text(f"version {version.version}", style="bold"))
        found = list(tried([version]))
        for rule in version.rules:
            of_rule = [each for each in found if each.rule is rule]
            console.print(*_lines(rule.id, of_rule), sep="\n", soft_wrap=True)
        failed, count = failed + sum(not each.passed for each in found), count + len(found)
    if failed:
        raise RulesFileError(f"{failed} of {count} examples in {path} say something else than their rules")
    console.print(f"{counted(count, 'examples')} of {path} hold")
