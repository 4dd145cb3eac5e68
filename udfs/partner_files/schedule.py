"""When a partner's folder is looked at next."""

from __future__ import annotations

from datetime import UTC, datetime

from cronsim import CronSim, CronSimError


def cron(schedule: str) -> str:
    """`schedule` itself, if it has cron's form. Raises ValueError."""
    try:
        CronSim(schedule, datetime(2026, 1, 1, tzinfo=UTC))
    except CronSimError as error:
        raise ValueError(f"{schedule!r} is no cron schedule ({error}); '0 6 * * 1' is each Monday at 6 UTC") from error
    return schedule


def next_due(schedule: str, after: datetime) -> datetime:
    """The first moment of `schedule` later than `after`, which is aware; the answer is in UTC."""
    return next(CronSim(schedule, after.astimezone(UTC)))
