"""The episodes of a card and cause as a keyed Flink function with timers."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from pyflink.common import Row, Types
from pyflink.datastream import KeyedProcessFunction, RuntimeContext
from pyflink.datastream.state import ValueStateDescriptor

from sluice.settings import Settings
from udfs.contract_json import MalformedError
from udfs.episodes import Episodes, Limits, Version, key, read
from udfs.quarantine import Source, quarantined
from udfs.validation import Problem

STEP = "alert_episodes"
_BYTES = Types.PRIMITIVE_ARRAY(Types.BYTE())
OUTPUT = Types.ROW_NAMED(["topic", "key", "value"], [Types.STRING(), _BYTES, _BYTES])
_MS = 60_000


def card_and_cause(message: Row) -> str:
    """The key of a row (topic, partition, offset, appended, content)."""
    return key(bytes(message[4] or b""))


class EpisodesFunction(KeyedProcessFunction):
    """Rows (topic, partition, offset, appended, content) of alerts to rows of OUTPUT: versions, or a quarantine record.

    The state of a key is one value, so an alert costs one read and one write of it.
    """

    def __init__(self, settings: Settings) -> None:
        values, topics = settings.alert_episodes, settings.kafka.topics
        window_ms, remember_ms = round(values.window_minutes * _MS), round(values.remember_hours * 60 * _MS)
        self._limits = Limits(window_ms, remember_ms, values.most_alerts)
        self._episodes, self._quarantine = topics.episodes, topics.quarantine

    def open(self, runtime_context: RuntimeContext) -> None:
        self._state = runtime_context.get_state(ValueStateDescriptor("episodes", _BYTES))

    def process_element(self, value: Row, ctx: KeyedProcessFunction.Context) -> Iterator[Row]:
        topic, partition, offset, appended, content = value
        message = bytes(content or b"")
        try:
            alert = read(message)
        except MalformedError as error:
            problem = Problem("not_writable", error.field, f"{error}; mend what wrote it to {topic}")
            source = Source(topic, partition, offset, appended)
            yield Row(self._quarantine, None, quarantined(problem, {}, STEP, source, message))
            return
        yield from self._changed(ctx, lambda known, now_ms: known.add(alert, now_ms))

    def on_timer(self, timestamp: int, ctx: KeyedProcessFunction.OnTimerContext) -> Iterator[Row]:  # noqa: ARG002
        yield from self._changed(ctx, lambda known, now_ms: known.due(now_ms))

    def _changed(
        self, ctx: KeyedProcessFunction.Context, change: Callable[[Episodes, int], list[Version]]
    ) -> Iterator[Row]:
        timers = ctx.timer_service()
        now_ms = timers.current_processing_time()
        kept = self._state.value()
        known = Episodes(self._limits, None if kept is None else bytes(kept))
        versions = change(known, now_ms)
        left = known.kept()
        if left is None:
            self._state.clear()
        else:
            self._state.update(left)
        next_ms = known.next_ms()
        if next_ms is not None:
            timers.register_processing_time_timer(max(next_ms, now_ms + 1))
        for version in versions:
            yield Row(self._episodes, version.key, version.value)
