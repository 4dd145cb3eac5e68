"""The statistics of the comparison, and what is shown of them."""

from __future__ import annotations

from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

import pytest
from rich.console import Console

from bench.peers import command, picture
from bench.peers.drain import rates
from bench.peers.outputs import Outputs
from bench.peers.results import Results
from sluice.errors import SluiceError

CONDITIONS = {"transactions": 1_000, "cards": 10, "rate": 2_000, "cores": 2}


def drained(system: str, rate: int, **changes: Any) -> dict[str, Any]:
    figures = {"second_half": rate, "startup_seconds": 1.0, "wall_seconds": 2.0, "peak_mib": 100, "repeats": 0}
    return {"system": system, "events_per_second": rate, **figures, **changes}


def results() -> Results:
    found = Results(CONDITIONS)
    found.drains = [drained("sluice", rate) for rate in (90_000, 100_000, 400_000)] + [
        drained("bytewax", 50_000, peak_mib=7)
    ]
    found.latencies = [{"system": "bytewax", "answers": 3, "p50": 7.0, "p99": 42.0, "p99.9": 50.0}]
    return found


def test_rates_count_from_the_first_answer_to_the_last() -> None:
    # Four of eight in the first second, the others in the second that follows.
    assert rates([5_000, 5_250, 5_500, 5_750, 6_000, 6_250, 6_500, 7_000], 2_000) == (1_000, 1_000)
    # The second half takes a quarter of the time, whatever the order of reading.
    assert rates([4_000, 0, 3_000, 3_500, 1_000, 2_000], 4_000) == (1_000, 2_000)


def test_medians_and_ratios() -> None:
    ours, theirs = results().summaries()
    assert (ours.system, ours.rounds, ours.figures["events_per_second"], ours.ratio) == ("sluice", 3, 100_000, 1.0)
    assert (ours.lowest, ours.highest) == (90_000, 400_000)
    assert (theirs.system, theirs.rounds, theirs.ratio) == ("bytewax", 1, 0.5)
    assert (theirs.figures["peak_mib"], theirs.figures["p99"]) == (7, 42.0)
    assert "p50" not in ours.figures


def test_no_ratio_without_our_own_figure() -> None:
    found = Results(CONDITIONS)
    found.drains = [drained("plain", 5)]
    assert [each.ratio for each in found.summaries()] == [None]


def test_rounds_are_added_to_those_of_the_same_conditions_only() -> None:
    earlier = results().as_json()
    again = Results(CONDITIONS)
    again.add_earlier(earlier)
    assert again.as_json() == earlier
    again.drains.clear()
    assert earlier["drains"]
    with pytest.raises(SluiceError, match=r"were measured with .*1000.* not .*2000"):
        Results({**CONDITIONS, "transactions": 2_000}).add_earlier(earlier)
    with pytest.raises(SluiceError, match="leave --append out"):
        Results(CONDITIONS).add_earlier(None)


def test_a_system_that_is_not_there_is_refused_by_name() -> None:
    assert command._chosen(None) == ["sluice", "java", "bytewax", "quix", "plain"]
    assert command._chosen(["quix"]) == ["quix"]
    with pytest.raises(SluiceError, match="no system is called storm; there are sluice, java"):
        command._chosen(["quix", "storm"])


def test_table_and_chart_show_every_system() -> None:
    console = Console(width=200, record=True, quiet=False, file=Path("/dev/null").open("w"))  # noqa: SIM115
    picture.show(console, results())
    text = console.export_text()
    assert "Bytewax" in text
    assert "90-400 k" in text
    drawn = ET.fromstring(picture.chart(results()))  # noqa: S314 - what was just made here
    words = [each.text or "" for each in drawn.iter("{http://www.w3.org/2000/svg}text")]
    assert "50,000   7 / 42 ms" in words
    widths = [int(each.get("width", 0)) for each in drawn.iter("{http://www.w3.org/2000/svg}rect")]
    assert widths[2] * 2 == widths[1]


class _Replies:
    """A topic that gives each of its replies once."""

    def __init__(self, *replies: list[tuple[int, bytes]]) -> None:
        self._replies = list(replies)

    def read(self, _seconds: float) -> list[tuple[int, bytes]]:
        return self._replies.pop(0)


def test_a_repeated_answer_keeps_its_first_time() -> None:
    value = b'{"transaction_id":"t-1","token":"k_1","reasons":["high_value"]}'
    outputs = Outputs(_Replies([(5, value)], [(9, value)], []))  # type: ignore[arg-type]
    assert [outputs.take(0), outputs.take(0), outputs.take(0)] == [True, True, False]
    assert list(outputs.appended_ms.values()) == [5]
    assert (outputs.messages, outputs.repeats) == (2, 1)
