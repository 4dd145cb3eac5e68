from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

import pytest

from udfs.partner_files.schedule import cron, next_due

MONDAY = datetime(2026, 11, 23, 6, tzinfo=UTC)


def test_each_monday() -> None:
    assert next_due("0 6 * * 1", MONDAY - timedelta(seconds=1)) == MONDAY
    assert next_due("0 6 * * 1", MONDAY) == MONDAY + timedelta(days=7)


def test_the_schedule_is_in_utc() -> None:
    berlin = timezone(timedelta(hours=1))
    assert next_due("0 6 * * 1", datetime(2026, 11, 23, 6, 30, tzinfo=berlin)) == MONDAY


@pytest.mark.parametrize("wrong", ["", "monday", "0 25 * * *", "* * *"])
def test_what_is_no_schedule(wrong: str) -> None:
    assert cron("*/5 * * * *") == "*/5 * * * *"
    with pytest.raises(ValueError, match="is no cron schedule"):
        cron(wrong)
