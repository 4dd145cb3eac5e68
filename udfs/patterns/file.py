"""Reads the patterns' files and checks them before they are used, with the line of what is wrong."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from udfs.checked_yaml import Checked, Place, WrongFileError
from udfs.patterns.alert import known_word
from udfs.patterns.checks import CHECKS
from udfs.patterns.model import Pattern
from udfs.wording import placeholders


def load(folder: Path) -> dict[str, Pattern]:
    """The patterns in `folder` by name, which is the file's. Raises WrongFileError."""
    found = {file.stem: parse(file.read_text(encoding="utf-8"), str(file)) for file in sorted(folder.glob("*.yaml"))}
    if not found:
        raise WrongFileError(f"{folder} holds no pattern; set fraud_patterns.patterns to a folder with their files")
    return found


def parse(text: str, file: str) -> Pattern:
    """One pattern; `file` is what messages call it."""
    checked: Checked[Pattern] = Checked(text, file, Pattern)
    for place, message in _complaints(checked.value):
        raise checked.wrong(place, message)
    return checked.value


def _complaints(pattern: Pattern) -> Iterator[tuple[Place, str]]:
    if pattern.check is not None and pattern.check not in CHECKS:
        yield ("check",), f"there is no check {pattern.check!r}; use one of {', '.join(CHECKS)}"
    for name in placeholders(pattern.text):
        if not known_word(name, pattern):
            yield ("text",), f"the text speaks of {{{name}}}, which is neither a value of the match nor a limit"
