"""How the house does: jobs with their lag and checkpoints, and how old the newest row is in each place."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any, NamedTuple

import botocore.exceptions

from localstack.flink_jobs import ENDED, FlinkJobs, Job
from localstack.json_http import HttpError
from sluice import aws, kafka, warehouse
from sluice.errors import SluiceError
from sluice.flink_jobs import FLINK_JOBS
from sluice.hot_state import HotState, severities
from sluice.lake_layout import FILE_PREFIX, KINDS
from sluice.settings import Settings
from udfs.times import parse_ms


class JobState(NamedTuple):
    """`lag` counts messages that no completed checkpoint covers; the checkpoint is the last completed one."""

    name: str
    state: str
    lag: int | None
    checkpoint_ms: int | None
    checkpoint_bytes: int | None
    failed_checkpoints: int


class Freshness(NamedTuple):
    """When the newest row of a place came there, in ms since 1970; None where there is none."""

    place: str
    newest_ms: int | None
    trouble: str | None


def jobs(settings: Settings) -> list[JobState]:
    """Every job of the suite, whether it runs or not. Raises SluiceError when Flink does not answer."""
    flink = FlinkJobs(settings.local.flink_port)
    newest = flink.newest()
    return [
        _job(settings, flink, job.name, newest.get(job.name), job.topics(settings.kafka.topics)) for job in FLINK_JOBS
    ]


def _job(settings: Settings, flink: FlinkJobs, name: str, found: Job | None, topics: list[str]) -> JobState:
    lag = sum(kafka.lag(settings.kafka.bootstrap, name, topic) for topic in topics)
    if found is None or found.state in ENDED:
        return JobState(name, "not submitted" if found is None else found.state, lag, None, None, 0)
    checkpoints: dict[str, Any] = flink.get(f"/jobs/{found.id}/checkpoints")
    latest = checkpoints["latest"]["completed"] or {}
    failed = checkpoints["counts"]["failed"]
    return JobState(name, found.state, lag, latest.get("latest_ack_timestamp"), latest.get("state_size"), failed)


def freshness(settings: Settings) -> list[Freshness]:
    """Every place that data comes to, in the order of its way."""
    bootstrap = settings.kafka.bootstrap
    places: list[tuple[str, Callable[[], int | None]]] = [
        (f"topic {topic}", lambda topic=topic: kafka.newest(bootstrap, topic))  # type: ignore[misc]
        for topic in settings.kafka.topics.model_dump().values()
    ]
    places += [
        (f"DynamoDB {settings.hot_state.alerts_table}", lambda: _newest_alert(settings)),
        (f"S3 {settings.lake.bucket}/{settings.lake.prefix}", lambda: _newest_object(settings)),
        (f"DuckDB {settings.warehouse.database.name}", lambda: _newest_load(settings)),
    ]
    return [_seen(place, look) for place, look in places]


def _seen(place: str, look: Callable[[], int | None]) -> Freshness:
    try:
        return Freshness(place, look(), None)
    except (SluiceError, HttpError, botocore.exceptions.BotoCoreError, botocore.exceptions.ClientError) as error:
        return Freshness(place, None, str(error).splitlines()[0])


def _newest_alert(settings: Settings) -> int | None:
    """By the decision's clock: DynamoDB keeps no time of its own."""
    alerts = HotState(settings).alerts(severities()[0], None, 1)
    return parse_ms(alerts[0]["decided_at"]) if alerts else None


def _newest_object(settings: Settings) -> int | None:
    pages = aws.s3(settings.aws).get_paginator("list_objects_v2")
    newest = [
        each["LastModified"]
        for kind in KINDS
        for folder in kind.folders
        for page in pages.paginate(Bucket=settings.lake.bucket, Prefix=f"{settings.lake.prefix}/{folder}/")
        for each in page.get("Contents", ())
        if each["Key"].rpartition("/")[2].startswith(FILE_PREFIX)  # a merged file is new, and its rows are old
    ]
    return _ms(max(newest)) if newest else None


def _newest_load(settings: Settings) -> int | None:
    with warehouse.opened(settings.warehouse.database) as connection:
        recorded = warehouse.last_recorded(connection)
    return None if recorded is None else _ms(recorded)


def _ms(moment: datetime) -> int:
    return int(moment.timestamp() * 1_000)
