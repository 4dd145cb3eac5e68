"""One bundle of decisions and alerts: written to DynamoDB, or to quarantine what can't be."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any, Protocol

from contracts import reader
from udfs.contract_json import MalformedError, decoder
from udfs.hot_items import Put, Tables, alert_put, decision_puts, newest
from udfs.quarantine import Source, quarantined
from udfs.validation import Problem

STEP = "hot_state"


class Writer(Protocol):
    def write(self, puts: Iterable[Put]) -> Mapping[int, str]:
        """Write until done; returns row number to cause for what can never be written."""


class HotBundle:
    """Knows the two topics by name, and how a message of each becomes items."""

    def __init__(self, decisions: str, alerts: str, tables: Tables, writer: Writer) -> None:
        self._decoders: dict[str, Callable[[bytes], dict[str, Any]]] = {
            decisions: decoder(reader.load("decisions")),
            alerts: decoder(reader.load("alerts")),
        }
        self._alerts = alerts
        self._tables = tables
        self._writer = writer

    def write(self, messages: list[tuple[bytes | None, Source]]) -> list[bytes | None]:
        """Write all of `messages` before returning; for each None, or the quarantine record as JSON."""
        outcomes: list[bytes | None] = [None] * len(messages)
        puts: list[Put] = []
        records: dict[int, dict[str, Any]] = {}
        for row, (value, source) in enumerate(messages):
            try:
                records[row] = self._decoders[source.topic](value or b"")
                puts.extend(self._puts(records[row], source.topic, row))
            except MalformedError as error:
                problem = Problem("not_writable", error.field, f"{error}; mend what wrote it to {source.topic}")
                outcomes[row] = quarantined(problem, {}, STEP, source, value or b"")
        for row, cause in self._writer.write(newest(puts)).items():
            value, source = messages[row]
            problem = Problem("not_writable", None, f"{cause}; shorten or mend the record, then send it again")
            outcomes[row] = quarantined(problem, records[row], STEP, source, value or b"")
        return outcomes

    def _puts(self, record: dict[str, Any], topic: str, row: int) -> tuple[Put, ...]:
        if topic == self._alerts:
            return (alert_put(record, self._tables, row),)
        return decision_puts(record, self._tables, row)
