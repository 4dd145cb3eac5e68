"""What the curves feed and show."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest

from bench.curves import picture, rules
from bench.curves.measure import Measured
from bench.curves.points import POINTS, Input, Shape
from bench.curves.traffic import messages
from tests.oracle.validation import parse, validate
from udfs.rules.file import load_proven
from udfs.times import clock_ms


def bodies(shape: Shape, transactions: int = 600, cards: int = 100) -> list[dict[str, str]]:
    """Every one is valid, and stands under its customer's key."""
    found = []
    for key, value in messages(Input(transactions, cards, shape)):
        body = validate(parse(value), clock_ms()).body
        assert body["customer_id"].encode() == key
        found.append(body)
    assert len({each["transaction_id"] for each in found}) == transactions
    return found


def test_each_card_in_turn() -> None:
    cards = [each["card_number"] for each in bodies(Shape.in_turn)]
    assert len(set(cards[:100])) == 100
    assert cards[:100] == cards[100:200] == cards[500:]


def test_half_of_all_traffic_on_one_card() -> None:
    (_, most), (_, next_most) = Counter(each["card_number"] for each in bodies(Shape.hot_card)).most_common(2)
    assert most == 300
    assert next_most < 30


def test_the_usual_traffic_is_the_generators() -> None:
    assert len({each["card_number"] for each in bodies(Shape.usual)}) > 90


@pytest.mark.parametrize("count", [1, 10, 200])
def test_rules_of_any_length_are_ones_that_the_job_takes(count: int, tmp_path: Path) -> None:
    (version,) = load_proven(rules.write(count, tmp_path / "rules.yaml"))
    assert len(version.rules) == count


def test_no_two_points_share_a_key() -> None:
    assert len({each.key for each in POINTS}) == len(POINTS)


def test_what_is_shown() -> None:
    point = POINTS[1]
    found = [Measured(point.curve, point.label, 1_000, 0.5, 2_000, {"Flink": 40.0, "Kafka": 2.5}, 7.0, 0.3, 900, 12)]
    assert picture.markdown(found).splitlines()[-1] == "| 2: 1 x 2 | 2,000 | 42.5 | 2.5 | 7 | 0.3 | 900 | 12 |"
    texts = [each.text for each in ET.fromstring(picture.chart(found)).iter() if each.text and each.text.strip()]  # noqa: S314 - our own
    assert "slots: TaskManagers x slots of each, on the same cores" in texts
    assert "2,000   42 µs" in texts
    assert not any("rules" in each for each in texts)
