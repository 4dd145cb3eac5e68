"""Results of a function whose arguments recur."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TypeVar

K = TypeVar("K")
V = TypeVar("V")


class Remembered(dict[K, V]):
    """Works each value out once; when too many are remembered, forgets them all and starts anew."""

    def __init__(self, function: Callable[[K], V], most: int = 200_000) -> None:
        super().__init__()
        self._function = function
        self._most = most

    def __missing__(self, key: K) -> V:
        if len(self) >= self._most:
            self.clear()
        value = self[key] = self._function(key)
        return value

    def of(self, keys: Iterable[K]) -> list[V]:
        """The value of each key."""
        return list(map(self.__getitem__, keys))
