"""The words of an expression: `card.count_10s > 3 and amount > 800.00 USD`."""

from __future__ import annotations

import re
from collections.abc import Iterator
from enum import Enum
from typing import NamedTuple


class Kind(Enum):
    NUMBER = "number"
    TEXT = "text"
    NAME = "name"
    SIGN = "sign"
    END = "end"


class Token(NamedTuple):
    """`at` is the position of its first character in the expression."""

    kind: Kind
    text: str
    at: int


class ExpressionError(ValueError):
    """An expression is wrong `at` a position; `hint` says what to do about it."""

    def __init__(self, message: str, at: int, hint: str = "") -> None:
        super().__init__(f"{message}; {hint}" if hint else message)
        self.at = at


KEYWORDS = frozenset({"and", "or", "not", "in", "missing"})
_PATTERNS = (
    (Kind.NUMBER, r"\d+(?:_\d{3})*(?:\.\d+)?"),
    (Kind.TEXT, r"'[^'\n]*'|\"[^\"\n]*\""),
    (Kind.NAME, r"[A-Za-z][A-Za-z0-9_]*(?:\.[a-z][a-z0-9_]*)?"),
    (Kind.SIGN, r"<=|>=|==|!=|[-+*/<>(),\[\]]"),
)
_TOKEN = re.compile("|".join(f"(?P<{kind.name}>{pattern})" for kind, pattern in _PATTERNS))
_SPACE = re.compile(r"\s*")


def tokens(expression: str) -> Iterator[Token]:
    """All of them, then the end. Raises ExpressionError at a character that begins none."""
    at = _skipped(expression, 0)
    while at < len(expression):
        found = _TOKEN.match(expression, at)
        if found is None or found.lastgroup is None:
            hint = "write == to compare" if expression[at] == "=" else "use names, numbers, 'text' and operators"
            raise ExpressionError(f"{expression[at]!r} has no meaning here", at, hint)
        yield Token(Kind[found.lastgroup], found[0], at)
        at = _skipped(expression, found.end())
    yield Token(Kind.END, "", len(expression))


def _skipped(expression: str, at: int) -> int:
    found = _SPACE.match(expression, at)
    return found.end() if found else at
