"""What is taken out of the lake: enough of it, each message once, and nothing behind the positions."""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path

import duckdb
import pytest

from contracts import reader
from jobs.warehouse_load.lake_files import LakeFile
from sluice.bootstrap import lake
from sluice.errors import SluiceError
from sluice.lake_layout import FORGOTTEN_DAYS, days_for_bootstrap
from sluice.settings import Lake, Retention, Settings
from tests.jobs.warehouse_load.lake_maker import NOON, Row, decision, write
from tests.udfs.kernel_jar import kernel
from udfs.gate import bounds
from udfs.gated_again import GatedAgain

LIMITS = bounds(reader.load("transactions"), 65_536, None)
COLUMNS = GatedAgain(reader.load("transactions"), reader.currencies(), str).columns
LONG_AGO = 0


def ms(moment: datetime) -> int:
    return round(moment.timestamp() * 1_000)


def decided(partition: int, offset: int, **values: object) -> Row:
    return decision(offset, **{"source_partition": partition, "source_offset": offset, "degraded": None, **values})


def collected(files: list[LakeFile], ends: dict[int, int], since: int = LONG_AGO) -> list[Row]:
    with duckdb.connect() as connection:
        connection.execute("set TimeZone = 'UTC'")
        count = lake.collect(connection, [each.path for each in files], COLUMNS, ends, since)
        rows = [row for each in lake.batches(connection) for row in each.to_pylist()]
    assert len(rows) == count
    return rows


def places(rows: list[Row]) -> list[tuple[int, int]]:
    return [(row["source_partition"], row["source_offset"]) for row in rows]


def test_messages_come_in_their_order_and_none_from_behind_the_positions(tmp_path: Path) -> None:
    rows = [decided(partition, offset) for offset in (7, 3, 5, 8) for partition in (1, 0)]
    assert places(collected(write(tmp_path, "decisions", rows), {0: 8, 1: 5})) == [(0, 3), (0, 5), (0, 7), (1, 3)]


def test_a_message_that_was_decided_twice_counts_once(tmp_path: Path) -> None:
    """After a restart, perhaps with other rules; and in a lake whose job was started without its state."""
    files = write(tmp_path, "decisions", [decided(0, 1, decision_id="a-1"), decided(0, 2)])
    files += write(tmp_path, "decisions", [decided(0, 1, decision_id="a-2"), decided(0, 2)], "part-2")
    assert places(collected(files, {0: 9})) == [(0, 1), (0, 2)]


def test_what_was_decided_without_history_has_left_no_state(tmp_path: Path) -> None:
    rows = [decided(0, 1), decided(0, 2, degraded="keys_away", features=[]), decided(0, 3)]
    assert places(collected(write(tmp_path, "decisions", rows), {0: 9})) == [(0, 1), (0, 3)]
    (found,) = collected(write(tmp_path, "decisions", [decided(0, 1)], "part-2", without="degraded"), {0: 9})
    assert places([found]) == [(0, 1)]


def test_only_messages_of_the_time_that_counts_are_taken(tmp_path: Path) -> None:
    rows = [decided(0, number, ingested_at=NOON + timedelta(hours=number)) for number in range(4)]
    found = collected(write(tmp_path, "decisions", rows), {0: 9}, ms(NOON + timedelta(hours=2)))
    assert places(found) == [(0, 2), (0, 3)]


def test_moments_are_milliseconds_and_fields_are_as_they_were(tmp_path: Path) -> None:
    row = decided(0, 1, event_time=NOON + timedelta(milliseconds=7), device_id=None, entry_mode="chip")
    (found,) = collected(write(tmp_path, "decisions", [row]), {0: 9})
    assert (found["event_time"], found["ingested_at"]) == (ms(NOON) + 7, ms(NOON))
    assert (found["device_id"], found["entry_mode"], found["amount_minor"]) == (None, "chip", row["amount_minor"])
    assert set(found) == set(COLUMNS)


def test_a_field_that_no_file_has_is_null(tmp_path: Path) -> None:
    (found,) = collected(write(tmp_path, "decisions", [decided(0, 1)], without="entry_mode"), {0: 9})
    assert found["entry_mode"] is None


def test_what_the_kernel_remembers_is_read() -> None:
    """The longest of its memories, and what an event of then may have been late or early."""
    assert kernel().History.KEPT.toDays() == FORGOTTEN_DAYS
    assert kernel().FirstSeen.KEPT.toDays() <= FORGOTTEN_DAYS
    assert lake.since_ms(ms(NOON), LIMITS) == ms(NOON - timedelta(days=22, minutes=5))
    replay = bounds(reader.load("transactions"), 65_536, 3_650)
    assert lake.since_ms(ms(NOON), replay) == ms(NOON - timedelta(days=3_665, minutes=5))


def test_days_that_retention_has_removed_are_named() -> None:
    since = lake.since_ms(ms(NOON), LIMITS)
    first = days_for_bootstrap(None)
    for days in (None, first, first + 9):
        values = Settings(lake=Lake(retention_days=Retention(decisions=days)))
        lake.check_retention(values, since, LIMITS, NOON.date())
        oldest = f"s3://b/l/decisions/event_date={(NOON - timedelta(days=first)).date()}/part-1"
        assert lake.paths([LakeFile("decisions", oldest, "")], since, LIMITS) == []
    with pytest.raises(SluiceError, match=r"since 2026-10-05, and .* since 2026-10-06 only .*decisions is 31"):
        lake.check_retention(
            Settings(lake=Lake(retention_days=Retention(decisions=31))), since, LIMITS, NOON.date() + timedelta(days=3)
        )


def test_folders_are_left_out_by_their_day() -> None:
    """A message of the first moment that counts can be of an event seven days before."""
    since = ms(NOON)
    days = [(NOON - timedelta(days=each)).date() for each in (-3, 0, 7, 8)]
    files = [LakeFile("decisions", f"s3://b/l/decisions/event_date={day}/part-1", "") for day in days]
    files.append(LakeFile("duplicates", f"s3://b/l/duplicates/event_date={days[0]}/part-1", ""))
    assert lake.paths(files, since, LIMITS) == [each.path for each in files[:3]]


def test_a_file_that_is_none_is_named_in_a_line(tmp_path: Path) -> None:
    file = tmp_path / "part-1"
    file.write_bytes(b"PAR1 no more")
    with pytest.raises(SluiceError, match=r"1 files of the lake can't be read: .*part-1"):
        collected([LakeFile("decisions", str(file), "")], {0: 9})
