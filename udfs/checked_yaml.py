"""YAML as a typed model, with the line of whatever is wrong."""

from __future__ import annotations

from typing import Any, Generic, TypeVar

import yaml
from pydantic import TypeAdapter, ValidationError

Place = tuple[str | int, ...]
"""Keys and positions from the file's root on."""
Model = TypeVar("Model")


class WrongFileError(ValueError):
    """A file is wrong; the message names the file, the line and what to do."""


class Checked(Generic[Model]):
    """The content of a file as a `model`; `file` is what messages call it. Raises WrongFileError."""

    def __init__(self, text: str, file: str, model: Any) -> None:
        self._file = file
        self._root: yaml.Node | None = None
        try:
            self._root = yaml.compose(text, yaml.SafeLoader)
            self.value: Model = TypeAdapter(model).validate_python(yaml.safe_load(text))
        except yaml.MarkedYAMLError as error:
            line = f":{error.problem_mark.line + 1}" if error.problem_mark else ""
            raise WrongFileError(f"{file}{line}: this is not valid YAML: {error.problem}") from error
        except ValidationError as error:
            first = error.errors()[0]
            words = (
                f"{first['msg']} (got {first['input']!r})" if first["type"] != "missing" else "this field is missing"
            )
            where = ".".join(str(part) for part in first["loc"])
            raise self.wrong(first["loc"], f"{where}: {words}") from error

    def wrong(self, place: Place, message: str) -> WrongFileError:
        """To be raised for what stands at `place`."""
        return WrongFileError(f"{self._file}:{self._line(place)}: {message}")

    def _line(self, place: Place) -> int:
        """Of the innermost part of `place` that stands in the file."""
        node, line = self._root, 1
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
