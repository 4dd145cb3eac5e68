"""What is measured: each curve's points, and what makes them differ."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

CARDS = 20_000
TRANSACTIONS = 1_500_000
RULES = 10
WARM_UP = 750_000
"""So many events, and the JVM's compilers have done most of their work."""


class Shape(StrEnum):
    """How the transactions lie on the cards."""

    usual = "people's habits over a day"
    in_turn = "each card in turn"
    hot_card = "every other transaction on one card"


@dataclass(frozen=True)
class Input:
    """A topic full of transactions."""

    transactions: int = TRANSACTIONS
    cards: int = CARDS
    shape: Shape = Shape.usual


@dataclass(frozen=True)
class Point:
    """`job` and `local` change the settings' sections of these names. The job has two TaskManagers of one slot where
    `local` does not say otherwise. `rules` is how many there are, of which hardly one fires, or None for those of the
    product, which fire where cards are used as nobody uses them.

    What comes before the first `skipped` events is not measured.
    """

    curve: str
    label: str
    input: Input = Input()
    skipped: int = WARM_UP
    job: Mapping[str, Any] = field(default_factory=dict)
    local: Mapping[str, Any] = field(default_factory=dict)
    rules: int | None = RULES

    @property
    def key(self) -> str:
        return f"{self.curve}: {self.label}"


def _slots(managers: int, slots: int) -> Point:
    words = f"{managers * slots}: {managers} x {slots}"
    local = {"task_managers": managers, "slots": slots}
    return Point("slots", words, job={"parallelism": managers * slots}, local=local)


def _cards(cards: int, words: str, backend: str) -> Point:
    """Every card has been seen once before the measuring begins."""
    managed = "2g" if backend == "rocksdb" else "256m"
    seen = max(cards, WARM_UP)
    return Point(
        f"cards, {backend}",
        words,
        Input(seen + TRANSACTIONS - WARM_UP, cards, Shape.in_turn),
        seen,
        job={"state_backend": backend},
        local={"task_manager_memory": "6g", "managed_memory": managed},
    )


_LARGE_HEAP = {"task_manager_memory": "6g", "managed_memory": "256m"}
_COUNTS = {10_000: "10 thousand", 100_000: "100 thousand", 1_000_000: "1 million", 5_000_000: "5 million"}

POINTS = (
    *(_slots(managers, slots) for managers, slots in ((1, 1), (1, 2), (2, 1), (2, 2))),
    *(_cards(cards, words, "hashmap") for cards, words in _COUNTS.items()),
    *(_cards(cards, words, "rocksdb") for cards, words in _COUNTS.items()),
    Point("one card", "half of all traffic", Input(shape=Shape.hot_card)),
    *(Point("rules", f"{number}", rules=number) for number in (1, 10, 50, 200)),
    Point("a day's backlog", "5 million", Input(5_000_000, 500_000), local=_LARGE_HEAP, rules=None),
)
CURVES = tuple(dict.fromkeys(each.curve for each in POINTS))
