"""The header of a partner's file against its contract: what we want, what we may not keep, what is wrong."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import NamedTuple

from contracts.reader import Contract
from udfs.partner_files.names import shown
from udfs.partner_files.refusal import Difference, FileRefusedError

_MOST_DIFFERENCES = 100


class Layout(NamedTuple):
    """`positions` of the contract's fields in a row, in its order, None for one that is not sent; `width` of a row."""

    positions: tuple[int | None, ...]
    removed: tuple[str, ...]
    width: int


def layout(header: Sequence[str], contract: Contract) -> Layout:
    """Where each field stands. Columns that the contract names as unauthorised are left out, whatever their case.

    Raises FileRefusedError with the whole diff where a required column is missing, one is unknown, or stands twice. A
    column that is unknown might be one that we may not keep: so it is never dropped in silence, nor stored.
    """
    unauthorised = set(contract.custom["unauthorisedFields"])
    removed = tuple(dict.fromkeys(each.lower() for each in header if each.lower() in unauthorised))
    kept = [each for each in header if each.lower() not in unauthorised]
    diff = _diff(kept, contract)
    if diff:
        words = "; ".join(f"{each.column} {_WORDS[each.difference]}" for each in diff)
        raise FileRefusedError(
            "columns_differ",
            f"its columns are not those of the contract {contract.id}: {words}; ask the partner to send it anew, or, "
            "where the change was agreed, bring the contract up to date and run `sluice partner-files retry`",
            diff=diff,
        )
    places = {name: place for place, name in enumerate(header)}
    return Layout(tuple(places.get(name) for name in contract.names()), removed, len(header))


_WORDS = {"missing": "is missing", "unexpected": "is not in the contract", "repeated": "stands more than once"}


def _diff(kept: Sequence[str], contract: Contract) -> tuple[Difference, ...]:
    known = set(contract.names())
    counted = Counter(kept)
    if not known & counted.keys():  # no header but a row, whose values must not be told
        return tuple(Difference(name, "missing") for name in contract.required())
    unexpected = [Difference(shown(name) or "(no name)", "unexpected") for name in counted if name not in known]
    wanted = contract.names() if unexpected else contract.required()  # one that may be missing was perhaps renamed
    missing = [Difference(name, "missing") for name in wanted if name not in counted]
    repeated = [Difference(name, "repeated") for name in counted if name in known and counted[name] > 1]
    return (*missing, *unexpected, *repeated)[:_MOST_DIFFERENCES]
