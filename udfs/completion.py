"""What the kernel is told of tokenised transactions: one way to it for the gate, and for decisions that come again."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import msgspec
import numpy as np

from contracts import reader
from contracts.reader import Contract
from udfs.currency import Rates
from udfs.facts import FactsArray, digests, entity_id, text_hash
from udfs.remembered import Remembered

BUCKETS = 262_144
"""Customers, and cards, whose states lie together: a state for each one alone would cost more than what is in it."""
_CARD = "card_token"


def names_behind(contract: Contract) -> tuple[str, ...]:
    """The fields of a transaction in the contract's order, as they are called behind the gate."""
    return tuple(each.custom.get("tokenisedAs", each.name) for each in contract.fields)


class Completion:
    """Writes bodies, and the facts that follow from a transaction's fields; those of `entities` and of the card."""

    def __init__(self, contract: Contract, currencies: dict[str, Any], entities: Sequence[str] = ("card",)) -> None:
        names = names_behind(contract)
        self._at = {name: number for number, name in enumerate(names)}
        self._body = msgspec.defstruct("tokenised", [(name, Any) for name in names], gc=False)
        self._encode = msgspec.json.Encoder().encode
        self._rates = Rates(currencies)
        self._hashes: Remembered[str, int] = Remembered(text_hash)
        self._entity_ids: Remembered[str | None, int] = Remembered(entity_id)
        self._categories: tuple[str, ...] = _of_history("card", "categories")
        self._others = [each for each in entities if each != "card"]

    def bodies(
        self,
        columns: Sequence[Sequence[Any]],
        card_digests: bytes,
        facts: FactsArray,
        linking: Sequence[str] | None = None,
    ) -> list[bytes]:
        """The transactions as JSON; completes `facts`, which hold their event times.

        `columns` are in the order of `names_behind`, tokenised, with event times in the canonical form; `card_digests`
        are what the tokens spell in hex, side by side. Where `linking` has other tokens of the same cards, it is those
        that the digests spell: facts are the same whichever key a token shows.
        """
        of = {name: columns[number] for name, number in self._at.items()}
        bodies = list(map(self._encode, map(self._body, *columns)))
        # No id holds a space.
        ids = list(map("%s %s".__mod__, zip(of["customer_id"], of["transaction_id"], strict=True)))
        facts["id"] = digests(list(map(str.encode, ids)))[:, 0]
        facts["content"] = digests(bodies if linking is None else _with_tokens(bodies, of["card_token"], linking))
        of_card = np.frombuffer(card_digests, "<u8").reshape(len(facts), -1)
        facts["entity"] = of_card[:, 0]
        moments = facts["event_ms"].tolist()
        facts["amount_usd_minor"] = self._rates.all_usd_minor(of["amount_minor"], of["currency"], moments)
        for number, name in enumerate(self._categories):
            facts["categories"][:, number] = self._hashes.of(of[name])
        facts["customer_bucket"] = np.array(self._hashes.of(of["customer_id"])) % BUCKETS
        facts["card_bucket"] = of_card[:, 1] % BUCKETS
        for entity in self._others:
            self._complete(facts, entity, of if linking is None else {**of, _CARD: linking})
        return bodies

    def _complete(self, facts: FactsArray, entity: str, of: Mapping[str, Sequence[Any]]) -> None:
        """Transactions without the entity go where their cards go, rather than all to one bucket."""
        found, ids = facts[entity], of[_of_history(entity, "entity")]
        found["id"] = self._entity_ids.of(ids)
        hashes = [None if each is None else self._hashes[each] for each in ids]
        buckets = facts["card_bucket"].tolist()
        found["bucket"] = [own if each is None else each % BUCKETS for each, own in zip(hashes, buckets, strict=True)]
        for number, name in enumerate(_of_history(entity, "categories")):
            # Tokens are too many to remember.
            hashed = map(text_hash, of[name]) if name == _CARD else self._hashes.of(of[name])
            found["categories"][:, number] = list(hashed)


def _of_history(entity: str, name: str) -> Any:
    """What the contract of an entity's features says of the transaction's fields."""
    return reader.load(f"{entity}_features").custom[name]


def _with_tokens(bodies: Sequence[bytes], shown: Sequence[str], linking: Sequence[str]) -> list[bytes]:
    """`bodies` with other tokens; no other field is long enough to hold one."""
    pairs = zip(bodies, shown, linking, strict=True)
    return [body if one is other else body.replace(one.encode(), other.encode(), 1) for body, one, other in pairs]
