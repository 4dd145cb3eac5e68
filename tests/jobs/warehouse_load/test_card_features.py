"""Features as they stood when each transaction arrived: nothing that came later is in them, late or not."""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from jobs.warehouse_load import labels
from jobs.warehouse_load.load import load
from sluice import reports, warehouse
from sluice.commands.report import as_csv
from tests.jobs.warehouse_load.lake_maker import NOON, Row, decision, write, write_labels

REPORT = "card-features"
MINUTE = timedelta(minutes=1)
DAY = timedelta(days=1)


def used(number: int, happened: int, arrived: int, **values: Any) -> Row:
    """A transaction that happened and arrived so many minutes after noon."""
    times = {"event_time": NOON + happened * MINUTE, "ingested_at": NOON + arrived * MINUTE}
    return decision(number, card_token="card", customer_id="c", source_offset=number, **(times | values))


def features(rows: list[tuple[Any, ...]]) -> dict[str, tuple[Any, ...]]:
    return {row[2]: row[4:] for row in rows}


def test_late_data_is_in_no_feature_of_what_came_before_it(tmp_path: Path) -> None:
    first = [used(1, 0, 0, amount_usd_minor=100), used(2, 60, 60, amount_usd_minor=200)]
    late = used(3, 30, 90, amount_usd_minor=5_000, merchant_id="other")
    last = used(4, 120, 120)
    with warehouse.opened(tmp_path / "w.duckdb", create=True) as connection:
        load(connection, write(tmp_path, "decisions", first))
        before = reports.ask(connection, REPORT)
        load(connection, write(tmp_path, "decisions", [late, last], "part-2"))
        after = features(reports.ask(connection, REPORT).rows)
        assert features(before.rows) == {"t1": (0, 0, 0, None, 0), "t2": (1, 100, 1, 3_600, 0)}
        assert after == features(before.rows) | {"t3": (1, 100, 1, 1_800, 0), "t4": (3, 5_300, 2, 3_600, 0)}
        assert as_csv(reports.ask(connection, REPORT, before.as_of, before.as_known)) == as_csv(before)


def test_a_fraud_counts_from_when_it_was_known(tmp_path: Path) -> None:
    """The first was fraud, which its label told two hours later, and took back after four."""
    uses = [used(1, 0, 0), used(2, 60, 60), used(3, 180, 180), used(4, 100, 200), used(5, 300, 300), used(6, -9, 210)]

    def after(hours: int) -> Callable[[], datetime]:
        return lambda: NOON + hours * 60 * MINUTE

    with warehouse.opened(tmp_path / "w.duckdb", create=True) as connection:
        load(connection, write(tmp_path, "decisions", uses[:2]), after(1))
        labels.load(connection, write_labels(tmp_path / "l", t1=True, t3=False), after(2))
        load(connection, write(tmp_path, "decisions", uses[2:4], "part-2"), after(3))
        before = reports.ask(connection, REPORT, NOON + 2 * DAY, NOON + 190 * MINUTE)
        labels.load(connection, write_labels(tmp_path / "taken-back", t1=False, t2=True), after(4))
        load(connection, write(tmp_path, "decisions", uses[4:], "part-3"), after(5))
        known = {name: row[-1] for name, row in features(reports.ask(connection, REPORT).rows).items()}
        assert known == {"t1": 0, "t2": 0, "t3": 1, "t4": 1, "t5": 1, "t6": 0}
        assert as_csv(reports.ask(connection, REPORT, before.as_of, before.as_known)) == as_csv(before)


def naive(rows: list[Row]) -> dict[str, tuple[Any, ...]]:
    """By the definition: of the same card, happened in the 24 hours before, arrived before."""
    found = {}
    for this in rows:
        seen = [
            each
            for each in rows
            if this["event_time"] - DAY <= each["event_time"] < this["event_time"]
            and each["ingested_at"] < this["ingested_at"]
        ]
        since = min((this["event_time"] - each["event_time"] for each in seen), default=None)
        found[this["transaction_id"]] = (
            len(seen),
            sum(each["amount_usd_minor"] for each in seen),
            len({each["merchant_id"] for each in seen}),
            None if since is None else since // timedelta(seconds=1),
            0,
        )
    return found


USES = st.lists(
    st.tuples(st.integers(0, 3_000), st.integers(0, 3_000), st.integers(1, 10**6), st.sampled_from("mn")), max_size=12
)


@settings(max_examples=15, deadline=None)
@given(uses=USES)
def test_they_are_those_of_the_definition(uses: list[tuple[int, int, int, str]]) -> None:
    rows = [
        used(number, happened, happened + delay, amount_usd_minor=usd, merchant_id=merchant)
        for number, (happened, delay, usd, merchant) in enumerate(uses)
    ]
    with tempfile.TemporaryDirectory() as folder, warehouse.opened(Path(folder) / "w", create=True) as connection:
        load(connection, write(Path(folder), "decisions", [*rows, decision(99, card_token="other")]))
        found = features(reports.ask(connection, REPORT).rows)
        del found["t99"]
        assert found == naive(rows)
