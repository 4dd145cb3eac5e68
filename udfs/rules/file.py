"""Reads a rules file and checks it before it is used, with the line of what is wrong."""

from __future__ import annotations

from pathlib import Path

import yaml
from pydantic import TypeAdapter, ValidationError

from udfs.rules.complaints import Place, complaints
from udfs.rules.examples import tried
from udfs.rules.model import Version


class RulesError(ValueError):
    """The rules file is wrong; the message names the file, the line and what to do."""


def load(path: Path) -> tuple[Version, ...]:
    """The versions in `path`, oldest first. Raises RulesError."""
    try:
        text = path.read_text(encoding="utf-8")
    except FileNotFoundError:
        raise RulesError(f"rules file {path} does not exist; set fraud_detection.rules") from None
    return parse(text, str(path))


def load_proven(path: Path) -> tuple[Version, ...]:
    """As `load`; raises RulesError where a rule does not do what its examples say, too."""
    versions = load(path)
    for each in tried(versions):
        if not each.passed:
            said = "must fire on" if each.should_fire else "must spare"
            raise RulesError(f"{path}: rule {each.rule.id} of version {each.version} {said} its example {each.words()}")
    return versions


def parse(text: str, file: str) -> tuple[Version, ...]:
    """As `load`; `file` is what messages call it."""
    try:
        root = yaml.compose(text, yaml.SafeLoader)
        versions = TypeAdapter(tuple[Version, ...]).validate_python(yaml.safe_load(text))
    except yaml.MarkedYAMLError as error:
        line = f":{error.problem_mark.line + 1}" if error.problem_mark else ""
        raise RulesError(f"{file}{line}: this is not valid YAML: {error.problem}") from error
    except ValidationError as error:
        first = error.errors()[0]
        words = f"{first['msg']} (got {first['input']!r})" if first["type"] != "missing" else "this field is missing"
        where = ".".join(str(part) for part in first["loc"])
        raise RulesError(f"{file}:{_line(root, first['loc'])}: {where}: {words}") from error
    if not versions:
        raise RulesError(f"{file}:1: there is no version; add one with holds_from and rules")
    for place, message in complaints(versions):
        raise RulesError(f"{file}:{_line(root, place)}: {message}")
    return versions


def _line(root: yaml.Node | None, place: Place) -> int:
    """Of the innermost part of `place` that stands in the file."""
    node, line = root, 1
    for part in place:
        inner = _inner(node, part)
        if inner is None:
            break
        node, line = inner
    return line


def _inner(node: yaml.Node | None, part: str | int) -> tuple[yaml.Node, int] | None:
    if isinstance(node, yaml.SequenceNode) and isinstance(part, int):
        return node.value[part], node.value[part].start_mark.line + 1
    if isinstance(node, yaml.MappingNode):
        for key, value in node.value:
            if key.value == part:
                return value, key.start_mark.line + 1
    return None
