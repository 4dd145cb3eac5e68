"""What lies in the lake and where: shared by the job that writes it and all that read it."""

from __future__ import annotations

import re
from dataclasses import dataclass

from contracts import reader

# Flink's name for a committed data file; an object of an unfinished upload never shows under it.
FILE_PREFIX = "part-"
PARQUET, AVRO = "parquet", "avro"
_IN_AVRO = re.compile(rf"\.{AVRO}/[^/]+/[^/]+$")

FORGOTTEN_DAYS = 15
"""So long after its latest transaction the kernel forgets a card; what it knows of ids, it forgets before."""


def days_for_bootstrap(max_age_days: int | None) -> int:
    """How many days of decisions state is built from; `max_age_days` overrides the contract's bound on an event's age.

    Messages of FORGOTTEN_DAYS, and of as much before as an event may be late; each may be of an event as late as that
    again. A day more for an event that is ahead of its message, and one for the day that has begun.
    """
    (event_time,) = (each for each in reader.load("transactions").fields if "maxAgeDays" in each.custom)
    age: int = event_time.custom["maxAgeDays"] if max_age_days is None else max_age_days
    return FORGOTTEN_DAYS + 2 * age + 2


@dataclass(frozen=True)
class Kind:
    """One table of the lake; `name` is that of its contract, of its Kafka topic's setting and of its folder."""

    name: str
    key: str
    time: str
    day: str

    @property
    def contract(self) -> reader.Contract:
        return reader.load(self.name)

    @property
    def format(self) -> str:
        """In which format new files are written. Raises ValueError where the contract asks for an unknown one."""
        asked = str(self.contract.custom.get("lakeFormat", PARQUET))
        if asked not in {PARQUET, AVRO}:
            raise ValueError(f"contract {self.name}: lakeFormat {asked!r} is none; write {PARQUET} or {AVRO}")
        return asked

    def folder(self, written: str) -> str:
        """The folder of the files in the format `written`: each has its own, so that old files stay readable."""
        return self.name if written == PARQUET else f"{self.name}.{written}"

    @property
    def folders(self) -> tuple[str, ...]:
        """All folders that may hold files, whatever the contract asks for today."""
        return self.folder(PARQUET), self.folder(AVRO)


def is_avro(path: str) -> bool:
    """Whether a file is in Avro, by its table's folder: `…/quarantine.avro/ingested_date=2026-11-03/part-…`."""
    return _IN_AVRO.search(path) is not None


KINDS = (
    Kind("decisions", key="decision_id", time="event_time", day="event_date"),
    # A record that could not be read has no event time to trust, so it is filed by its arrival.
    Kind("quarantine", key="quarantine_id", time="ingested_at", day="ingested_date"),
    Kind("duplicates", key="duplicate_id", time="event_time", day="event_date"),
)
