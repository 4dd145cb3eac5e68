"""The warehouse's models: one select a file, in dbt's form. Plain DuckDB reads them here, without dbt."""

from __future__ import annotations

import re
from graphlib import TopologicalSorter
from pathlib import Path
from typing import Any

import duckdb
import yaml

from sluice.warehouse import SQL

_READS = re.compile(r"\{\{ (?:ref\('(\w+)'\)|source\('\w+', '(\w+)'\)) \}\}")
_LAYERS = ("staging", "marts")


def query(file: Path) -> str:
    """The SQL of a model, check or report, with the names of what it reads. Raises ValueError for any other macro."""
    text = _READS.sub(lambda found: found[1] or found[2], file.read_text(encoding="utf-8"))
    if "{{" in text or "{%" in text:
        raise ValueError(f"{file}: only ref('…') and source('…', '…') may stand in braces")
    return text


def described(file: Path) -> dict[str, Any]:
    """What the yml beside a model or report says of it."""
    content = yaml.safe_load(file.with_suffix(".yml").read_text(encoding="utf-8"))
    ((found,),) = content.values()
    assert found["name"] == file.stem
    return dict(found)


def in_order() -> list[Path]:
    """The files of all models, each after those that it reads."""
    files = {file.stem: file for layer in _LAYERS for file in sorted((SQL / layer).glob("*.sql"))}
    reads = {
        name: {found[1] for found in _READS.finditer(file.read_text(encoding="utf-8")) if found[1]}
        for name, file in files.items()
    }
    return [files[name] for name in TopologicalSorter(reads).static_order()]


def create_views(connection: duckdb.DuckDBPyConnection) -> None:
    """Make each model anew, as a view of its name."""
    for file in in_order():
        connection.execute(f"create or replace view {file.stem} as {query(file)}")
