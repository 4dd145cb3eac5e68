"""build/bench.json, where each part of the benchmark keeps what it has found last."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import orjson

FILE = Path("build/bench.json")


def _all() -> dict[str, Any]:
    found: dict[str, Any] = orjson.loads(FILE.read_bytes()) if FILE.exists() else {}
    return found


def earlier(part: str) -> Any:
    """What `part` has kept, or None."""
    return _all().get(part)


def keep(part: str, content: object) -> None:
    """In place of what `part` kept before; the other parts' figures stay."""
    FILE.parent.mkdir(parents=True, exist_ok=True)
    FILE.write_bytes(orjson.dumps(_all() | {part: content}, option=orjson.OPT_INDENT_2))
