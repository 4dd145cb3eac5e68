"""What is held back, as it is counted and told."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

import orjson
import pytest
from rich.console import Console

from sluice.commands.quarantine.list import By, grouped
from sluice.commands.quarantine.replay import sorted_out
from sluice.commands.quarantine.show import history
from sluice.feed.times import iso, milliseconds
from sluice.quarantine import corrections
from sluice.quarantine.held import Choice
from sluice.settings import Settings
from tests.udfs.transactions import GOOD


def held(offset: int = 1, **changes: Any) -> dict[str, Any]:
    made = {
        "quarantine_id": f"transactions-0-{offset}-gate",
        "step": "gate",
        "reason": "bad_format",
        "field": "country",
        "source_topic": "transactions",
        "source_partition": 0,
        "source_offset": offset,
        "ingested_at": "2026-02-02T02:40:00.000Z",
    }
    return made | changes


@pytest.mark.parametrize(
    ("choice", "chosen"),
    [
        (Choice(), True),
        (Choice(reason="bad_format", field="country", source="transactions", step="gate"), True),
        (Choice(source="transactions/0"), True),
        (Choice(source="transactions/1"), False),
        (Choice(reason="not_json"), False),
        (Choice(field="currency"), False),
        (Choice(step="history"), False),
    ],
)
def test_a_choice_holds_where_everything_fits(choice: Choice, chosen: bool) -> None:  # noqa: FBT001
    assert choice.holds(held()) is chosen


def test_counts_by_several_things_with_the_newest() -> None:
    found = [held(1), held(2, ingested_at="2026-02-02T03:00:00.000Z"), held(3, reason="not_json", field=None)]
    console = Console(width=100)
    with console.capture() as shown:
        console.print(grouped(found, [By.REASON, By.FIELD, By.HOUR], {"transactions-0-1-gate"}))
    lines = [line.split("  ") for line in shown.get().splitlines()]
    cells = [[cell.strip() for cell in line if cell.strip()] for line in lines]
    assert cells[0] == ["reason", "field", "hour", "records", "sent again", "newest"]
    assert ["bad_format", "country", "2026-02-02 02:00", "1", "1", "2026-02-02 02:40:00.000"] in cells
    assert ["bad_format", "country", "2026-02-02 03:00", "1", "0", "2026-02-02 03:00:00.000"] in cells
    assert ["not_json", "-", "2026-02-02 02:00", "1", "0", "2026-02-02 02:40:00.000"] in cells


def test_history_tells_who_did_what_and_what_became_of_it() -> None:
    note = {
        "correction_id": "transactions-2-7",
        "made_at": "2026-02-02T04:00:00.000Z",
        "made_by": "ops",
        "why": "the shop mistyped it",
        "changes": [{"field": "country", "value": "DE"}, {"field": "cvv", "value": None}],
    }
    (line,) = history([note], {})
    assert line == (
        "2026-02-02 04:00:00.000  ops fixed (country = DE, cvv removed): the shop mistyped it; "
        "now transactions-2-7, not held back again"
    )
    (line,) = history([note | {"changes": [], "why": None}], {"transactions-2-7": held(7, reason="too_old")})
    assert line.endswith("ops sent again as it was; now transactions-2-7, held back again, too_old")


def test_only_what_would_pass_is_replayed(monkeypatch: pytest.MonkeyPatch) -> None:
    good = orjson.dumps(GOOD | {"event_time": iso(milliseconds(datetime.now(UTC)))})
    found = [
        held(1),
        held(2),
        held(3, step="history", reason="conflict"),
        held(4, step="hot_state", reason="not_writable", source_topic="decisions"),
        held(5),
        held(6),
    ]
    raw = {"transactions-0-1-gate": good, "transactions-0-2-gate": good, "transactions-0-3-gate": good}
    raw["transactions-0-5-gate"] = b"{"

    def originals(_: Settings, wanted: Sequence[dict[str, Any]]) -> dict[str, bytes]:
        asked = {each["quarantine_id"] for each in wanted}
        return {key: value for key, value in raw.items() if key in asked}

    monkeypatch.setattr(corrections, "read", lambda _: {"transactions-0-2-gate": [{}]})
    monkeypatch.setattr(corrections, "originals", originals)
    passing, left = sorted_out(Settings(), found)
    assert [each.held["quarantine_id"] for each in passing] == ["transactions-0-1-gate"]
    assert left == {
        "sent again before": 1,
        "would be in conflict again; mend its transaction_id": 1,
        "no transactions: what wrote them has to send them anew": 1,
        "would be held back again: not_json": 1,
        "no longer in Kafka": 1,
    }
