"""Versions of references: read from files, and to and from their topics."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Annotated, Any

import typer
import yaml

from sluice import kafka
from sluice.errors import SluiceError
from sluice.settings import Settings
from udfs import references
from udfs.card_numbers import holds_card_number
from udfs.references import VALID_FROM, Table, Version
from udfs.times import iso_ms, parse_ms
from udfs.validation import Problem

_SHOWN_PROBLEMS = 5
_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
Row = tuple[int, dict[str, Any]]
"""The line of a file where it stands, and its fields."""

TableName = Annotated[str, typer.Option("--table", metavar="NAME", help=f"One of {', '.join(references.NAMES)}.")]


class VersionError(SluiceError):
    """A file or a version cannot be used; the message says which line and what to do."""


def named(name: str) -> Table:
    """The reference of this name. Raises VersionError, which names all there are."""
    if name not in references.NAMES:
        raise VersionError(f"there is no reference {name!r}; there are: {', '.join(references.NAMES)}")
    return references.table(name)


def instant(text: str) -> str:
    """A day, as people write it, as the moment in which it begins; anything else as it is."""
    return f"{text}T00:00:00.000Z" if _DAY.fullmatch(text) else text


def read_file(file: Path, of: Table) -> list[Version]:
    """All versions in a .csv file with a header or a .yaml list, whose fields are those of the contract.

    `valid_from` may be a day, which stands for its first moment. Raises VersionError with the lines that are wrong.
    """
    readers = {".csv": _csv_rows, ".yaml": _yaml_rows, ".yml": _yaml_rows}
    if file.suffix not in readers:
        raise VersionError(f"{file} must be a .csv or .yaml file")
    try:
        rows = list(readers[file.suffix](file, of))
    except (OSError, UnicodeDecodeError) as error:
        raise VersionError(f"{file} can't be read: {error}") from error
    found: dict[tuple[str, int], tuple[int, Version]] = {}
    wrong = []
    for line, row in rows:
        text = row[VALID_FROM] or ""
        if parse_ms(instant(text)) is None and not holds_card_number(text):
            wrong.append(
                f"{file}:{line}: {VALID_FROM} {text!r} must be a day, 2026-01-31, or UTC, 2026-01-31T23:59:59.999Z"
            )
            continue
        version = references.checked(of, row | {VALID_FROM: instant(text)})
        if isinstance(version, Problem):
            wrong.append(f"{file}:{line}: {version.message}")
            continue
        before, known = found.setdefault((version.entity, version.valid_from_ms), (line, version))
        if known != version:
            wrong.append(
                f"{file}:{line}: line {before} says something else for the same {VALID_FROM}; keep one of them"
            )
    if wrong:
        more = len(wrong) - _SHOWN_PROBLEMS
        shown = wrong[:_SHOWN_PROBLEMS] + ([f"and {more:,} lines more"] if more > 0 else [])
        raise VersionError("nothing was sent:\n  " + "\n  ".join(shown))
    return [version for _, version in found.values()]


def _csv_rows(file: Path, of: Table) -> Iterator[Row]:
    with file.open(encoding="utf-8-sig", newline="") as lines:
        reader = csv.DictReader(lines)
        _check_names(f"{file}:1", reader.fieldnames or (), of)
        for row in reader:
            if None in row or None in row.values():
                raise VersionError(f"{file}:{reader.line_num}: has not as many values as the header has names")
            yield reader.line_num, {name: value or None for name, value in row.items()}


def _yaml_rows(file: Path, of: Table) -> Iterator[Row]:
    """Scalars stay texts, so that a rate keeps its decimals and a moment its form."""
    try:
        root = yaml.compose(file.read_text(encoding="utf-8"), yaml.BaseLoader)
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 1
        raise VersionError(f"{file}:{line}: this is not valid YAML: {error.problem}") from error
    if not isinstance(root, yaml.SequenceNode):
        raise VersionError(f"{file}:1: must be a list of versions, each with {', '.join(of.contract.names())}")
    for node in root.value:
        line = node.start_mark.line + 1
        pairs = node.value if isinstance(node, yaml.MappingNode) else ()
        if not all(isinstance(each, yaml.ScalarNode) for pair in pairs for each in pair):
            raise VersionError(f"{file}:{line}: a version has plain values only, no lists and no mappings")
        row = {name.value: value.value for name, value in pairs}
        _check_names(f"{file}:{line}", row, of)
        yield line, row


def _check_names(place: str, names: Iterable[str], of: Table) -> None:
    if set(names) != set(of.contract.names()):
        found = ", ".join(names) or "none"
        raise VersionError(f"{place}: must have the fields {', '.join(of.contract.names())}, has {found}")


def send(settings: Settings, of: Table, versions: Iterable[Version]) -> None:
    """Upsert them in their topic. Raises KafkaAwayError and DeliveryError."""
    bootstrap, topic = settings.kafka.bootstrap, getattr(settings.kafka.topics, of.name)
    if not kafka.end_offsets(bootstrap, topic):
        raise VersionError(f"Kafka at {bootstrap} has no topic {topic!r}; `sluice up` creates it")
    with closing(kafka.BulkSender(bootstrap)) as sender:
        for version in versions:
            key, value = references.message(of, version)
            sender.send(topic, key, value)


def known(settings: Settings, of: Table, entity: str) -> list[Version]:
    """The versions of `entity` in their topic that are not withdrawn, oldest first."""
    versions: dict[int, Version] = {}
    for record in kafka.read_all(settings.kafka.bootstrap, getattr(settings.kafka.topics, of.name)):
        # A message without a value withdraws a version.
        found = references.read(of, record.key, record.value or None)
        if isinstance(found, Version) and found.entity == entity:
            versions[found.valid_from_ms] = found
    return [each for _, each in sorted(versions.items()) if each.value is not None]


def find(settings: Settings, of: Table, entity: str, valid_from: str) -> Version:
    """The version of `entity` that holds from exactly then. Raises VersionError, which names those there are."""
    versions = known(settings, of, entity)
    moment = references.checked(of, {of.entity.name: entity, VALID_FROM: instant(valid_from)}, withdrawn=True)
    if isinstance(moment, Problem):
        raise VersionError(moment.message)
    for each in versions:
        if each.valid_from_ms == moment.valid_from_ms:
            return each
    there = ", ".join(iso_ms(each.valid_from_ms) for each in versions) or "none"
    raise VersionError(f"{of.name} has no version of {entity} from {iso_ms(moment.valid_from_ms)}; it has: {there}")
