from __future__ import annotations

from contracts import reader

TOPICS = ("transactions", "decisions", "alerts", "quarantine", "duplicates")


def test_behind_the_gate_a_card_is_its_token() -> None:
    before, behind = reader.load("transactions"), reader.load("decisions")
    assert [each.name for each in before.fields if each.classification == "restricted"] == ["card_number"]
    assert "card_number" not in behind.names()
    assert behind.names()[: len(before.names())] == tuple(
        "card_token" if name == "card_number" else name for name in before.names()
    )


def test_every_topic_has_one_key_and_no_field_twice() -> None:
    for topic in TOPICS:
        names = reader.load(topic).names()
        assert len(names) == len(set(names))
        own = [each for each in reader.load(topic).fields if each.primary_key]
        assert own[-1].required


def test_card_features_are_listed_window_by_window() -> None:
    names = reader.card_feature_names()
    assert names[:7] == (
        "count_10s", "sum_10s", "max_10s", "merchants_10s", "countries_10s", "terminals_10s", "count_1m",
    )  # fmt: skip
    assert (len(names), names[-1]) == (37, "ms_since_last")


def test_every_currency_has_decimals_and_a_rate() -> None:
    for code, entry in reader.currencies().items():
        assert len(code) == 3
        assert entry["decimals"] in range(4)
        assert entry["usd_per_unit"]
