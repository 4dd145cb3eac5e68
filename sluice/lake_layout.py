"""What lies in the lake and where: shared by the job that writes it and the load that reads it."""

from __future__ import annotations

from dataclasses import dataclass

from contracts import reader

# Flink's name for a committed data file; an object of an unfinished upload never shows under it.
FILE_PREFIX = "part-"


@dataclass(frozen=True)
class Kind:
    """One folder of the lake; `name` is that of its contract, its Kafka topic's setting and its folder."""

    name: str
    key: str
    time: str
    day: str

    @property
    def contract(self) -> reader.Contract:
        return reader.load(self.name)


KINDS = (
    Kind("decisions", key="decision_id", time="event_time", day="event_date"),
    # A record that could not be read has no event time to trust, so it is filed by its arrival.
    Kind("quarantine", key="quarantine_id", time="ingested_at", day="ingested_date"),
    Kind("duplicates", key="duplicate_id", time="event_time", day="event_date"),
)
