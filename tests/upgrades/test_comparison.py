"""Each way in which a change of code can lose state has its finding, and a harmless change has none."""

from __future__ import annotations

from dataclasses import replace

import pytest

from sluice.upgrades.comparison import Finding, Verdict, compare
from sluice.upgrades.operators import Fit, Planned, Saved, Schema, State

LONG, TEXT, OLD_LONG = Schema("BIGINT", "long"), Schema("STRING", "text"), Schema("INT", "int")
SEEN = State("seen", "map", LONG)
DAYS = State("cleaned_days", "map", LONG)
HISTORY = Saved("a1", "ProcessTableFunction[7]", "history", 128, 4_321, key=LONG, states=(SEEN, DAYS))
SOURCE = Saved("c3", "Source: KafkaSource-default_catalog.default_database.transactions", None, 128, 99)

NEW_HISTORY = Planned("a1", "ProcessTableFunction[5]", "history", 2, None, True, LONG, (SEEN, DAYS))  # noqa: FBT003
NEW_SOURCE = Planned("c3", SOURCE.name, None, 2, remembers=True)
SINK = Planned("e5", "Sink", None, 2)


def fits(saved: Schema, planned: Schema) -> Fit:
    """An int is rewritten as a long; a text is nothing else."""
    if saved == planned:
        return Fit.AS_IS
    return Fit.REWRITTEN if (saved, planned) == (OLD_LONG, LONG) else Fit.REFUSED


def verdicts(found: list[Finding]) -> list[tuple[Verdict, str]]:
    return [(each.verdict, each.operator) for each in found]


def test_what_fits_is_carried_over() -> None:
    found = compare([HISTORY, SOURCE], [SINK, NEW_SOURCE, NEW_HISTORY], fits)
    assert found == [
        Finding(Verdict.CARRIED, "history", "cleaned_days, seen, 4,321 bytes"),
        Finding(Verdict.CARRIED, "Source: transactions", "99 bytes"),
    ]
    assert not any(each.verdict.breaks for each in found)


def test_state_without_an_operator_is_lost() -> None:
    lost, carried = reversed(compare([HISTORY, SOURCE], [NEW_SOURCE], fits))
    assert carried.verdict is Verdict.CARRIED
    assert lost == (Verdict.LOST, "history", "the job has no operator for it (cleaned_days, seen, 4,321 bytes)")
    assert lost.verdict.breaks


def test_an_operator_without_state_begins_empty_which_breaks_nothing() -> None:
    second = replace(NEW_HISTORY, id="b2", uid="history_2")
    found = compare([HISTORY], [NEW_HISTORY, second, SINK], fits)
    assert verdicts(found) == [(Verdict.CARRIED, "history"), (Verdict.NEW, "history_2")]
    assert "b2" in found[1].words
    assert not found[1].verdict.breaks


def test_a_renamed_uid_is_told_from_a_new_operator_by_its_states() -> None:
    renamed = replace(NEW_HISTORY, id="b2", uid="profile")
    [found] = compare([HISTORY], [renamed], fits)
    assert (found.verdict, found.operator) == (Verdict.MOVED, "history")
    assert "its uid has become 'profile'" in found.words
    another = replace(renamed, states=(State("other", "map", LONG),))
    assert verdicts(compare([HISTORY], [another], fits)) == [(Verdict.NEW, "profile"), (Verdict.LOST, "history")]


def test_automatic_ids_that_move_are_paired_by_name_each_once() -> None:
    saved = [
        replace(SOURCE, id="d1", name="Deduplicate[4]"),
        replace(SOURCE, id="d2", name="Deduplicate[10]"),
        replace(SOURCE, id="d3", name="Deduplicate[16]"),
    ]
    planned = [
        replace(NEW_SOURCE, id="n1", name="Deduplicate[6]"),
        replace(NEW_SOURCE, id="n2", name="Deduplicate[12]"),
    ]
    found = compare(saved, planned, fits)
    assert verdicts(found) == [(Verdict.MOVED, "Deduplicate")] * 2 + [(Verdict.LOST, "Deduplicate")]
    assert [("n1" in each.words, "n2" in each.words) for each in found[:2]] == [(True, False), (False, True)]


@pytest.mark.parametrize(
    ("changed", "verdict", "words"),
    [
        ({"key": TEXT}, Verdict.CHANGED, "saved by a key of BIGINT, but the job has a key of STRING"),
        (
            {"states": (replace(SEEN, schema=TEXT), DAYS)},
            Verdict.CHANGED,
            "'seen' was saved as map of BIGINT, but the job has map of STRING",
        ),
        (
            {"states": (replace(SEEN, kind="value", schema=None), DAYS)},
            Verdict.CHANGED,
            "'seen' was saved as map of BIGINT, but the job has value",
        ),
        ({"states": (DAYS,)}, Verdict.LOST, "the job declares no state 'seen' any more"),
        ({"parallelism": 129}, Verdict.TOO_WIDE, "129 subtasks, but its state was saved for 128 at most"),
        (
            {"max_parallelism": 256},
            Verdict.TOO_WIDE,
            "pipeline.max-parallelism is 256, but its state was saved for 128 at most",
        ),
    ],
)
def test_what_does_not_fit_is_named(changed: dict[str, object], verdict: Verdict, words: str) -> None:
    found = compare([HISTORY], [replace(NEW_HISTORY, **changed)], fits)  # type: ignore[arg-type]
    assert [each for each in found if each.verdict is not Verdict.NEW] == [Finding(verdict, "history", words)]
    assert verdict.breaks


@pytest.mark.parametrize("changed", [{"max_parallelism": 128}, {"parallelism": 128}, {"states": None}])
def test_what_fits_well_enough_is_not_complained_of(changed: dict[str, object]) -> None:
    [found] = compare([HISTORY], [replace(NEW_HISTORY, **changed)], fits)  # type: ignore[arg-type]
    assert found.verdict is Verdict.CARRIED


def test_values_may_be_rewritten_but_keys_may_not() -> None:
    old = replace(HISTORY, states=(replace(SEEN, schema=OLD_LONG), DAYS))
    assert verdicts(compare([old], [NEW_HISTORY], fits)) == [(Verdict.CARRIED, "history")]
    assert verdicts(compare([replace(old, key=OLD_LONG)], [NEW_HISTORY], fits)) == [(Verdict.CHANGED, "history")]


def test_a_state_more_in_a_known_operator_begins_empty() -> None:
    more = replace(NEW_HISTORY, states=(SEEN, DAYS, State("notes", "list", TEXT)))
    found = compare([HISTORY], [more], fits)
    assert verdicts(found) == [(Verdict.CARRIED, "history"), (Verdict.NEW, "history")]
    assert found[1].words == "its state 'notes' begins empty"


def test_what_is_empty_can_not_be_lost_but_has_to_be_dropped() -> None:
    sink = Saved("e4", "outputs[4]: Writer", None, 128, 10, empty=True)
    assert compare([sink], [replace(SINK, id="e4", name="outputs[4]: Writer")], fits) == []
    [found] = compare([sink], [replace(SINK, name="outputs[6]: Writer")], fits)
    assert (found.verdict, found.operator, found.verdict.breaks) == (Verdict.EMPTY, "outputs: Writer", False)


def test_an_automatic_id_that_goes_to_another_operator_is_named() -> None:
    other = replace(NEW_SOURCE, name="Source: KafkaSource-default_catalog.default_database.alerts")
    [found] = compare([SOURCE], [other], fits)
    assert (found.verdict, found.operator) == (Verdict.CHANGED, "Source: transactions")
    assert "its automatic id belongs to Source: alerts now" in found.words


def test_what_breaks_stands_at_the_end() -> None:
    found = compare([SOURCE, HISTORY], [NEW_HISTORY, replace(NEW_HISTORY, id="b2", uid="more")], fits)
    assert [each.verdict for each in found] == [Verdict.CARRIED, Verdict.NEW, Verdict.LOST]
