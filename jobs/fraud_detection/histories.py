"""The steps that keep histories: the card's always, another entity's where the rules look at it."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple

from pyflink.table import TableEnvironment

from sluice import flink_ddl
from udfs import facts

ORDERED = ("customer",)
"""Before the card's: a customer's transactions come in Kafka's order, which those of one card then keep."""
SHARED = ("terminal", "device")
"""Behind the card's: customers share them, so that each card's transactions have to be put in order again."""
_CARRIED = ("card_bucket", "gated", "earlier")


class Views(NamedTuple):
    """Where views are made, and the folder of their SQL."""

    table_env: TableEnvironment
    sql: Path

    def create(self, file: str, **values: str) -> None:
        self.table_env.execute_sql(flink_ddl.fill(self.sql / f"{file}.sql", **values))


def uids(entities: tuple[str, ...]) -> tuple[str, ...]:
    """Of the steps that keep the histories of `entities`."""
    return tuple("profiled" if each == "card" else f"profiled_{each}" for each in entities)


def build(views: Views, entities: tuple[str, ...], packed: Mapping[str, str]) -> str:
    """From the view `seen` to one with a profile for each entity, of which the last is `profile`: its name.

    In that view the transactions of a card stand in any order where an entity is one of SHARED. `packed` says where the
    parts of a record stand.
    """
    before, carried = "seen", list(_CARRIED)
    for entity in (each for each in ORDERED if each in entities):
        before = _profiled(views, entities, entity, before, carried, packed)
    views.create("profiled", before=before)
    if not _shared(entities):
        return "profiled"
    views.create("placed", carried=", ".join(carried))
    before = "placed"
    carried += ["place", "card_profile"]
    for entity in _shared(entities):
        before = _profiled(views, entities, entity, before, carried, packed)
    return before


def decidable(views: Views, entities: tuple[str, ...], before: str) -> None:
    """From the view that `build` names to the view `undecided`, whose profiles stand in the order of `entities`."""
    card = "card_profile" if _shared(entities) else "profile"
    columns = ["gated", "earlier", card, *(f"{each}_profile" for each in entities if each != "card")]
    if _shared(entities):
        views.create("unordered", columns=", ".join(columns), before=before)
        views.create("ordered")
        before, columns = "ordered", [f"part(ordered, {at}) as {name}" for at, name in enumerate(columns)]
    views.create("undecided", columns=", ".join(columns), before=before)


def _shared(entities: tuple[str, ...]) -> list[str]:
    return [each for each in SHARED if each in entities]


def _profiled(
    views: Views,
    entities: tuple[str, ...],
    entity: str,
    before: str,
    carried: list[str],
    packed: Mapping[str, str],
) -> str:
    """One history more: its view, which carries its profile, too."""
    at, columns = facts.place(entities, entity), ", ".join(carried)
    keyed, profiled, profile = f"keyed_{entity}", f"profiled_{entity}", f"{entity}_profile"
    views.create("keyed", view=keyed, bucket=str(at.bucket), carried=columns, before=before, **packed)
    uid = flink_ddl.literal(profiled)
    step = {"view": profiled, "carried": columns, "profile": profile, "entity": str(at.id), "uid": uid}
    views.create("profiled_other", before=keyed, **step)
    carried.append(profile)
    return profiled
