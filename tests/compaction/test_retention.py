"""Only folders of days that their table does not keep are deleted, and what a bootstrap needs can't be given up."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest

from sluice.compaction import retention
from sluice.lake_layout import KINDS, days_for_bootstrap
from sluice.settings import Lake, Retention, SettingsError, load
from tests.compaction.store import Crash, FolderObjects, compact, listed
from tests.jobs.warehouse_load.lake_maker import NOON, decision, row, write

KEPT = Lake(retention_days=Retention(quarantine=10))


@pytest.fixture
def store(tmp_path: Path) -> FolderObjects:
    """Quarantine of eleven, ten and nine days before the 14th, two files each; and a decision."""
    for days in range(3):
        for name in ("part-1", "part-2"):
            write(tmp_path / "lake", "quarantine", [row("quarantine", ingested_at=NOON + timedelta(days=days))], name)
    write(tmp_path / "lake", "decisions", [decision(1)])
    return FolderObjects(tmp_path)


def expired(store: FolderObjects, lake: Lake) -> list[retention.Expired]:
    return list(retention.expired(store, lake, (NOON + timedelta(days=11)).date()))


def test_every_table_can_be_kept_for_a_time_of_its_own() -> None:
    assert set(Retention.model_fields) == {kind.name for kind in KINDS}


def test_nothing_expires_unless_it_is_asked_for(store: FolderObjects) -> None:
    assert expired(store, Lake()) == []


def test_days_that_are_not_kept_go_with_all_that_lies_there(store: FolderObjects) -> None:
    compact(store)
    (found,) = expired(store, KEPT)
    assert (found.table, found.day) == ("quarantine", "2026-11-03")
    assert sorted(each.partition("-")[0] for each in found.folder.objects) == ["compacted", "merged", "part", "part"]
    retention.delete(store, found)
    assert expired(store, KEPT) == []
    assert {each.rsplit("/", 2)[1] for each in listed(store)["quarantine"]} == {
        "ingested_date=2026-11-04",
        "ingested_date=2026-11-05",
    }
    assert len(listed(store)["decisions"]) == 1


def test_a_crash_brings_nothing_back(store: FolderObjects) -> None:
    compact(store)
    (found,) = expired(store, KEPT)
    before = listed(store)["quarantine"]
    for step in range(1, len(found.folder.objects) + 1):
        store.changes, store.dies_at = 0, step + 0.5
        with pytest.raises(Crash):
            retention.delete(store, found)
        assert set(listed(store)["quarantine"]) <= set(before)
    assert expired(store, KEPT) == []


def test_what_a_bootstrap_needs_is_kept(tmp_path: Path) -> None:
    file = tmp_path / "sluice.yaml"
    needed = days_for_bootstrap(None)
    assert needed == 15 + 2 * 7 + 2
    file.write_text(f"lake: {{retention_days: {{decisions: {needed - 1}}}}}", encoding="utf-8")
    with pytest.raises(SettingsError, match=r"lake\.retention_days\.decisions: 30 days are too few.* set 31 or more"):
        load(file)
    file.write_text(f"lake: {{retention_days: {{decisions: {needed}, duplicates: 1}}}}", encoding="utf-8")
    assert load(file).lake.retention_days.decisions == needed
    text = f"lake: {{retention_days: {{decisions: {needed}}}}}\nfraud_detection: {{gate: {{max_age_days: 30}}}}"
    file.write_text(text, encoding="utf-8")
    with pytest.raises(SettingsError, match="set 77 or more"):
        load(file)
