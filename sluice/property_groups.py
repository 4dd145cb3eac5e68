"""Settings as a property group of AWS Managed Service for Apache Flink, which knows names and texts only.

A setting stands there under its name with dots, such as `kafka.bootstrap`; `null` stands for none.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

SETTINGS_GROUP = "sluice"
RUNTIME_FILE = Path("/etc/flink/application_properties.json")
"""Where the service puts the groups, for the job to read."""
_NOTHING = "null"


def flat(values: Mapping[str, Any], prefix: str = "") -> dict[str, str]:
    """The texts of nested values."""
    found: dict[str, str] = {}
    for name, value in values.items():
        if isinstance(value, Mapping):
            found |= flat(value, f"{prefix}{name}.")
        else:
            found[f"{prefix}{name}"] = _NOTHING if value is None else str(value)
    return found


def nested(texts: Mapping[str, str]) -> dict[str, Any]:
    """Back to nested values, still as texts. Raises ValueError where a name is both a section and a value."""
    found: dict[str, Any] = {}
    for name, text in texts.items():
        *sections, last = name.split(".")
        place = found
        for section in sections:
            place = place.setdefault(section, {})
            if not isinstance(place, dict):
                raise ValueError(f"{section} of {name} has a value of its own")  # noqa: TRY004 - wrong content, not code
        if last in place:
            raise ValueError(f"{name} stands there more than once")
        place[last] = None if text == _NOTHING else text
    return found


def read(file: Path) -> dict[str, Any]:
    """The settings in `file`, a list of property groups; none where no group is named for them. Raises ValueError."""
    groups = json.loads(file.read_text(encoding="utf-8"))
    try:
        maps = [each["PropertyMap"] for each in groups if each["PropertyGroupId"] == SETTINGS_GROUP]
    except (TypeError, KeyError):
        raise ValueError("it must be a list of objects with PropertyGroupId and PropertyMap") from None
    return nested(maps[0]) if maps else {}
