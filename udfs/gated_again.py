"""Decided transactions, as the lake keeps them, to the packed records that state is built from again."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import pyarrow as pa

from contracts.reader import Contract
from udfs.completion import Completion, names_behind
from udfs.facts import GATED, layout
from udfs.parts import Packed
from udfs.times import iso_ms

SOURCE = ("source_partition", "source_offset")
TIMES = {"event_time": "event_ms", "ingested_at": "ingested_ms"}
"""Columns in milliseconds since 1970, and where the facts hold them."""


class GatedAgain:
    """Makes of a decided transaction the facts that the gate makes of its message, but for the gate's own clock.

    `linking` gives for each token that of the same card under the first key, as the token vault knows it; `entities`
    are those whose histories are kept.
    """

    def __init__(
        self,
        contract: Contract,
        currencies: dict[str, Any],
        linking: Callable[[str], str],
        entities: tuple[str, ...] = ("card",),
    ) -> None:
        self._linking = linking
        self._names = names_behind(contract)
        self._completion = Completion(contract, currencies, entities)
        self._layout = layout(entities)

    @property
    def columns(self) -> tuple[str, ...]:
        """What a batch must hold: a transaction's fields behind the gate, SOURCE and TIMES."""
        return tuple(dict.fromkeys((*self._names, *SOURCE, *TIMES)))

    def pack(self, decided: pa.RecordBatch) -> list[bytes]:
        """A packed record of GATED for each row. It has facts, all that the kernel reads, and a token."""
        rows = decided.num_rows
        facts = np.zeros(rows, self._layout)
        for name in SOURCE:
            facts[name] = decided[name].to_numpy()
        for name, fact in TIMES.items():
            facts[fact] = decided[name].to_numpy()
        columns = {name: decided[name].to_pylist() for name in self._names}
        columns["event_time"] = list(map(iso_ms, columns["event_time"]))
        columns["card_token"] = tokens = list(map(self._linking, columns["card_token"]))
        self._completion.bodies(list(columns.values()), _digests(tokens), facts)
        parts = {"card_token": list(map(str.encode, tokens))}
        nothing = [b""] * rows
        return Packed(tuple(parts.get(name, nothing) for name in GATED[1:]), facts).records()


def _digests(tokens: Sequence[str]) -> bytes:
    """What tokens, written `kid_hex`, spell in hex."""
    return bytes.fromhex("".join([token.partition("_")[2] for token in tokens]))
