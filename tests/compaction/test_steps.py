"""Compaction leaves a lake that reads the same, wherever it ends, whoever reads or compacts meanwhile."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from sluice.compaction import merge, steps
from sluice.compaction.objects import Listed
from sluice.compaction.plan import batches
from sluice.errors import SluiceError
from tests.compaction.store import GRACE, START, Crash, FolderObjects, compact, listed, names, rows
from tests.jobs.warehouse_load.lake_maker import NOON, Row, decision, row, write

DAY = timedelta(days=1)
FOLDER = Path("lake/decisions/event_date=2026-11-03")


def some(numbers: range, **values: object) -> list[Row]:
    return [decision(number, reasons=[], amount_minor=number, **values) for number in numbers]


@pytest.fixture
def store(tmp_path: Path) -> FolderObjects:
    """Three small files of a day of decisions, two of another, two of quarantine; the newest day is not touched."""
    return filled(tmp_path)


def with_a_day(root: Path) -> FolderObjects:
    for number in range(3):
        write(root / "lake", "decisions", some(range(number * 10, number * 10 + 10)), f"part-{number}")
    return FolderObjects(root)


def filled(root: Path) -> FolderObjects:
    with_a_day(root)
    for number in (1, 2):
        write(root / "lake", "decisions", [decision(100 + number, event_time=NOON + DAY)], f"part-{number}")
    for name in ("part-a", "part-b"):
        write(root / "lake", "quarantine", [row("quarantine", quarantine_id=name, field=None)], name)
        write(root / "lake", "decisions", [decision(200, event_time=NOON + 7 * DAY)], name)
    return FolderObjects(root)


def test_small_files_become_one_with_the_same_rows(store: FolderObjects) -> None:
    before = rows(listed(store))
    done = compact(store)
    assert [(each.folder.rpartition("/")[2], each.merged, each.into, each.rows) for each in done] == [
        ("event_date=2026-11-03", 3, 1, 30),
        ("event_date=2026-11-04", 2, 1, 2),
        ("ingested_date=2026-11-03", 2, 1, 2),
    ]
    assert rows(listed(store)) == before
    assert len(names(store)) == 3 + 2
    (merged,) = (each for each in listed(store)["decisions"] if "2026-11-03/merged" in each)
    assert pq.read_schema(merged).field("event_time").type == "timestamp[ms]"
    assert pq.read_table(merged)["decision_id"].to_pylist() == [f"d{number}" for number in range(30)]


def test_what_was_merged_is_deleted_after_the_grace_period_and_then_nothing_is_left_to_do(store: FolderObjects) -> None:
    before = rows(listed(store))
    running = listed(store)
    compact(store)
    store.now = START + GRACE - timedelta(seconds=1)
    assert compact(store) == []
    assert rows(running) == before
    store.now = START + GRACE
    assert [each.deleted for each in compact(store)] == [3, 2, 2]
    assert rows(listed(store)) == before
    assert sorted(each.name.partition("-")[0] for each in (store.root / FOLDER).iterdir()) == [
        "compacted",
        "compacted",
        "merged",
    ]
    store.read = lambda _: pytest.fail("the log of a settled folder need not be read")  # type: ignore[method-assign,assignment]
    assert rows(listed(store)) == before
    assert compact(store) == []


def test_what_is_not_committed_is_not_touched(store: FolderObjects) -> None:
    """On S3 an unfinished upload is no object at all; a local file system shows it under a hidden name."""
    begun = store.root / FOLDER / ".part-7.inprogress"
    begun.write_bytes(b"PAR1 and so on")
    before = rows(listed(store))
    for _ in range(2):
        compact(store)
        store.now += GRACE
    assert begun.read_bytes() == b"PAR1 and so on"
    assert rows(listed(store)) == before


@pytest.mark.parametrize(("later", "changes"), [(timedelta(), 2), (GRACE, 4)])
def test_a_crash_at_any_step_changes_no_row(tmp_path: Path, later: timedelta, changes: int) -> None:
    """Before and after each change to the store: as it merges, and as it deletes what had been merged."""
    step, was_whole = 0.5, False
    while not was_whole:
        step += 0.5
        store = with_a_day(tmp_path / str(step))
        before = rows(listed(store))
        if later:
            compact(store)
            store.now += later
        store.changes, store.dies_at = 0, step
        try:
            compact(store)
            was_whole = True
        except Crash:
            assert rows(listed(store)) == before
        store.dies_at = None
        compact(store)
        assert rows(listed(store)) == before
        assert len(names(store)) == 1
        store.now += GRACE
        compact(store)
        store.now += GRACE
        assert compact(store) == []
        assert rows(listed(store)) == before
        assert len([each for each in (store.root / FOLDER).iterdir() if not each.name.startswith("compacted")]) == 1
    assert step == changes + 1


def test_of_two_at_once_one_wins(store: FolderObjects, monkeypatch: pytest.MonkeyPatch) -> None:
    """The second runs whole between the first one's listing and its log entry, with one more file to merge."""
    before = rows(listed(store))
    put, others = store.put, []

    def interrupted(key: str, file: Path) -> None:
        monkeypatch.setattr(store, "put", put)
        others.extend(compact(store))
        put(key, file)

    monkeypatch.setattr(store, "put", interrupted)
    assert [each.merged for each in compact(store)] == []
    assert [each.merged for each in others] == [3, 2, 2]
    assert rows(listed(store)) == before
    assert len(list((store.root / FOLDER).glob("merged-*"))) == 1


def test_late_files_are_merged_with_what_was_merged_before(store: FolderObjects) -> None:
    compact(store)
    write(store.root / "lake", "decisions", some(range(50, 60)), "part-late")
    before = rows(listed(store))
    assert [each.merged for each in compact(store)] == [2]
    assert rows(listed(store)) == before
    store.now += GRACE
    assert sum(each.deleted for each in compact(store)) == 3 + 2 + 2 + 2
    assert rows(listed(store)) == before


def test_files_with_other_columns_stay_apart(store: FolderObjects) -> None:
    for name in ("part-old-1", "part-old-2"):
        write(store.root / "lake", "decisions", [decision(300, decision_id=name)], name, without="channel")
    before = rows(listed(store))
    assert compact(store)[0].into == 2
    assert rows(listed(store)) == before


def test_a_merge_that_lost_a_row_is_not_taken(store: FolderObjects, monkeypatch: pytest.MonkeyPatch) -> None:
    before = rows(listed(store))
    monkeypatch.setattr(steps, "merge", lambda files, target: merge.merge(files[:-1], target))
    with pytest.raises(SluiceError, match="hold 30 rows, and merged they read as 20"):
        compact(store)
    assert rows(listed(store)) == before


def test_a_merge_that_changed_a_value_is_not_taken(store: FolderObjects, monkeypatch: pytest.MonkeyPatch) -> None:
    changed = write(store.root / "elsewhere", "decisions", [*some(range(29)), decision(29)], "part-x")[0]
    monkeypatch.setattr(steps, "merge", lambda _, target: merge.merge([Path(changed.path)], target))
    with pytest.raises(SluiceError, match="that are not the same"):
        compact(store)


def test_nothing_is_deleted_for_a_merged_file_that_is_gone(store: FolderObjects) -> None:
    compact(store)
    (merged,) = (store.root / FOLDER).glob("merged-*")
    merged.unlink()
    store.now += GRACE
    with pytest.raises(SluiceError, match=r"merged-000001.* is not there.*delete compacted-000001.json"):
        compact(store)
    assert len(list((store.root / FOLDER).glob("part-*"))) == 3


def test_one_that_took_too_long_gives_up(store: FolderObjects, monkeypatch: pytest.MonkeyPatch) -> None:
    put = store.put

    def slow(key: str, file: Path) -> None:
        put(key, file)
        store.now += GRACE

    monkeypatch.setattr(store, "put", slow)
    before = rows(listed(store))
    with pytest.raises(SluiceError, match=r"raise lake\.grace_hours"):
        compact(store)
    assert rows(listed(store)) == before


def test_a_plan_has_whole_files_up_to_the_target() -> None:
    def file(number: int, size: int) -> Listed:
        return Listed(f"k/part-{number}", "e", size, START + timedelta(seconds=number))

    found = batches([file(3, 40), file(1, 30), file(2, 50), file(4, 10), file(5, 49), file(6, 200)], 100)
    assert [[each.size for each in batch] for batch in found] == [[30, 40, 10]]
    found = batches([file(number, 20) for number in range(11)], 100)
    assert [len(each) for each in found] == [5, 5]
