"""The property groups with which AWS Managed Service for Apache Flink runs one of the jobs."""

from __future__ import annotations

from typing import Any

from sluice import property_groups
from sluice.deployment.addresses import check_addresses
from sluice.errors import SluiceError
from sluice.flink_jobs import FlinkJob
from sluice.settings import Settings

RUN_OPTIONS = "kinesis.analytics.flink.run.options"
JAR = "lib/sluice-dependencies.jar"
"""In the application's package; the service takes one jar."""
MOST_PROPERTIES = 50
_ELSEWHERE = {"local", "kubernetes", "warehouse"}
"""Sections that no job reads."""


def groups(settings: Settings, job: FlinkJob) -> list[dict[str, Any]]:
    """What `application_properties.json` holds for `job`; settings that have their default are left out.

    Raises SluiceError where an address is of this machine, or where the settings don't fit into one group.
    """
    check_addresses(settings)
    changed = settings.model_dump(mode="json", exclude_defaults=True, exclude=_ELSEWHERE)
    properties = property_groups.flat(changed)
    if len(properties) > MOST_PROPERTIES:
        raise SluiceError(
            f"{len(properties)} settings differ from their defaults, and a property group holds {MOST_PROPERTIES}: "
            "leave those out that the job does not read"
        )
    return [
        {"PropertyGroupId": RUN_OPTIONS, "PropertyMap": {"python": job.main.as_posix(), "jarfile": JAR}},
        {"PropertyGroupId": property_groups.SETTINGS_GROUP, "PropertyMap": properties},
    ]
