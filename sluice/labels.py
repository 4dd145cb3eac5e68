"""Reads labels: what became known of transactions afterwards."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import orjson

from sluice.errors import SluiceError
from sluice.feed.generate import Label


class LabelsError(SluiceError):
    """The labels can't be read."""


def read_labels(file: Path) -> Iterator[Label]:
    """One label a line, as `sluice generate` writes them. Raises LabelsError."""
    try:
        lines = file.read_bytes().splitlines()
    except OSError as error:
        raise LabelsError(f"{file} can't be read: {error.strerror}; sluice generate writes labels") from error
    for number, line in enumerate(lines, 1):
        try:
            label = Label(**orjson.loads(line))
        except (orjson.JSONDecodeError, TypeError) as error:
            raise LabelsError(f"{file}:{number}: this is no label with {', '.join(Label._fields)}") from error
        if not _is_typed(label):
            raise LabelsError(f"{file}:{number}: a value is of the wrong type, see contracts/labels.yaml")
        yield label


def _is_typed(label: Label) -> bool:
    words = isinstance(label.transaction_id, str) and isinstance(label.scenario, str)
    return words and isinstance(label.is_fraud, bool) and isinstance(label.case, int | None)
