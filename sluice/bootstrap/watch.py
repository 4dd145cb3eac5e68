"""What is told of the steps."""

from __future__ import annotations

from typing import Protocol


class Watch(Protocol):
    """Whoever looks on."""

    def begin(self, words: str) -> None:
        """A step begins."""

    def advance(self, done: int, total: int) -> None:
        """So much of the step is done."""

    def keep(self, words: str) -> None:
        """Something that a person may need later."""
