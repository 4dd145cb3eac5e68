"""Reads a rules file and checks it before it is used, with the line of what is wrong."""

from __future__ import annotations

from pathlib import Path

from udfs.checked_yaml import Checked, WrongFileError
from udfs.rules.complaints import complaints
from udfs.rules.examples import tried
from udfs.rules.model import Version


def load(path: Path) -> tuple[Version, ...]:
    """The versions in `path`, oldest first. Raises WrongFileError."""
    try:
        text = path.read_text(encoding="utf-8")
    except FileNotFoundError:
        raise WrongFileError(f"rules file {path} does not exist; set fraud_detection.rules") from None
    return parse(text, str(path))


def load_proven(path: Path) -> tuple[Version, ...]:
    """As `load`; raises WrongFileError where a rule does not do what its examples say, too."""
    versions = load(path)
    for each in tried(versions):
        if not each.passed:
            said = "must fire on" if each.should_fire else "must spare"
            raise WrongFileError(
                f"{path}: rule {each.rule.id} of version {each.version} {said} its example {each.words()}"
            )
    return versions


def parse(text: str, file: str) -> tuple[Version, ...]:
    """As `load`; `file` is what messages call it."""
    checked: Checked[tuple[Version, ...]] = Checked(text, file, tuple[Version, ...])
    if not checked.value:
        raise checked.wrong((), "there is no version; add one with holds_from and rules")
    for place, message in complaints(checked.value):
        raise checked.wrong(place, message)
    return checked.value
