"""Searches everything that the suite leaves behind for card numbers."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from contextlib import suppress
from functools import cache
from itertools import takewhile
from pathlib import Path

import orjson

from bench.proof import places
from bench.proof.house import House
from jobs.warehouse_load import lake_files
from sluice import aws, warehouse
from sluice.lake_layout import KINDS
from sluice.settings import Settings

_SEPARATOR = rb"[ ._:-]?"
_NO_DIGIT = re.compile(rb"[^0-9]")


def found(content: bytes, planted: frozenset[str]) -> set[str]:
    """The planted numbers in `content`, also where separators stand between their digits."""
    hits: set[str] = set()
    for match in _candidates(planted).finditer(content):
        digits = _NO_DIGIT.sub(b"", match[1]).decode()
        hits.update(digits[:length] for length in range(13, len(digits) + 1) if digits[:length] in planted)
    return hits


@cache
def _candidates(planted: frozenset[str]) -> re.Pattern[bytes]:
    """What begins as all planted numbers do; they are asked for once, as there are thousands."""
    start = _common_start(min(planted), max(planted)).encode()
    assert start, "the planted numbers are all of one test range"
    rest = rb"(?:" + _SEPARATOR + rb"[0-9]){0,18}"
    return re.compile(rb"(?=(" + _SEPARATOR.join(bytes([digit]) for digit in start) + rest + rb"))")


def _common_start(least: str, greatest: str) -> str:
    """What the two have in common, and so all that lie between them in the order of text."""
    same = takewhile(lambda pair: pair[0] == pair[1], zip(least, greatest, strict=False))
    return "".join(digit for digit, _ in same)


def artefacts(house: House) -> Iterator[tuple[str, bytes]]:
    """Every artefact but the raw topic: what kind and where, and its content."""
    written = ("decisions", "alerts", "terminal_uses", "customer_activity", "episodes", "quarantine", "duplicates")
    for topic in (*written, "enriched_decisions", "token_vault", "audit"):
        for record in house.read(topic):
            yield f"topic:{topic}", (record.key or b"") + b"\n" + record.value
    yield from written_by_flink(house.settings.local.home)
    yield from _lake(house.settings)
    yield from _hot_state(house.settings)
    yield from _warehouse(house.settings)


def written_by_flink(home: Path) -> Iterator[tuple[str, bytes]]:
    """Logs and saved states below `home`, of all jobs that ran there."""
    for kind, folder in (
        ("log", "logs"),
        ("log", "flink/log"),
        ("checkpoint", "flink/checkpoints"),
        ("savepoint", "flink/savepoints"),
        ("recovery", "flink/recovery"),
        ("recovery", "zookeeper"),
    ):
        for file in files(home / folder):
            with suppress(FileNotFoundError):  # newer checkpoints replace older ones meanwhile
                yield f"{kind}:{file}", file.read_bytes()


def _lake(settings: Settings) -> Iterator[tuple[str, bytes]]:
    """Rows as they read, since files are compressed, and objects as they lie."""
    for kind, rows in places.parquet(settings).items():
        yield f"s3:{kind}", orjson.dumps(rows)
    client = aws.s3(settings.aws)
    for each in lake_files.on_s3(settings.aws, settings.lake):
        key = each.path.removeprefix(f"s3://{settings.lake.bucket}/")
        yield f"s3:{key}", key.encode() + client.get_object(Bucket=settings.lake.bucket, Key=key)["Body"].read()


def _hot_state(settings: Settings) -> Iterator[tuple[str, bytes]]:
    client, tables = aws.dynamodb(settings.aws), settings.hot_state
    for table in (tables.cards_table, tables.transactions_table, tables.alerts_table):
        for item in places.items(client, table):
            yield f"dynamodb:{table}", repr(item).encode()


def _warehouse(settings: Settings) -> Iterator[tuple[str, bytes]]:
    with warehouse.opened(settings.warehouse.database) as connection:
        for kind in KINDS:
            rows = connection.table(f"lake_{kind.name}").to_arrow_table()
            yield f"warehouse:{kind.name}", repr(rows.to_pydict()).encode()


def files(folder: Path) -> Iterator[Path]:
    """All files below; folders may vanish meanwhile, which rglob would not bear."""
    return (Path(inside, name) for inside, _, names in os.walk(folder) for name in names)
