"""Features of a card, computed by hand."""

from __future__ import annotations

from tests.oracle.facts import FEATURES
from tests.oracle.history import Bucket, Entity, Use, estimate, sketch

HOUR = 3_600_000
START = 500_000 * HOUR


def use(after_ms: int, usd: int = 100, merchant: str = "m", country: str = "US", terminal: str = "p") -> Use:
    return Use(START + after_ms, usd, (merchant, country, terminal))


def features(*uses: Use) -> dict[str, int]:
    """Those at the last of `uses`."""
    card = Entity()
    for each in uses[:-1]:
        card.add(each)
    return dict(zip(FEATURES, card.add(uses[-1]), strict=True))


def test_there_are_37_in_order_of_windows() -> None:
    assert len(FEATURES) == 37
    assert FEATURES[:7] == (
        "count_10s",
        "sum_10s",
        "max_10s",
        "merchants_10s",
        "countries_10s",
        "terminals_10s",
        "count_1m",
    )
    assert FEATURES[-1] == "ms_since_last"


def test_first_use() -> None:
    found = features(use(0, 250))
    assert found.pop("ms_since_last") == -1
    assert {value for name, value in found.items() if name.startswith(("sum", "max"))} == {250}
    assert {value for name, value in found.items() if not name.startswith(("sum", "max"))} == {1}


def test_exactly_ten_seconds_is_within() -> None:
    assert features(use(0), use(10_000))["count_10s"] == 2
    assert features(use(0), use(10_001))["count_10s"] == 1
    assert features(use(0), use(10_001))["count_1m"] == 2


def test_late_arrival_sees_what_is_near_it_on_both_sides() -> None:
    found = features(use(0, 1), use(30_000, 2, "n"), use(5_000, 4, "o", "FR"), use(9_000, 8))
    assert (found["count_10s"], found["sum_10s"], found["max_10s"]) == (3, 13, 8)
    assert (found["merchants_10s"], found["countries_10s"], found["terminals_10s"]) == (2, 2, 1)
    assert found["count_1m"] == 4
    assert found["ms_since_last"] == 0


def test_time_since_the_latest_event_seen() -> None:
    assert features(use(0), use(9_000), use(5_000), use(12_500))["ms_since_last"] == 3_500


def test_short_windows_look_at_64_transactions() -> None:
    found = features(*[use(each) for each in range(70)])
    assert (found["count_10m"], found["count_1h"], found["count_7d"]) == (64, 70, 70)


def test_buckets_are_whole() -> None:
    # At 12:59:59 the hour's buckets begin at 12:00, at 13:00 they begin at 12:05.
    assert features(use(0), use(HOUR - 1))["count_1h"] == 2
    assert features(use(299_999), use(HOUR))["count_1h"] == 1
    assert features(use(300_000), use(HOUR))["count_1h"] == 2
    assert features(use(0), use(24 * HOUR - 1))["count_24h"] == 2
    assert features(use(0), use(24 * HOUR))["count_24h"] == 1
    assert features(use(0), use(168 * HOUR - 1))["count_7d"] == 2
    assert features(use(0), use(168 * HOUR))["count_7d"] == 1


def test_too_late_for_a_bucket_is_not_remembered() -> None:
    late = use(0, 7)
    found = features(use(2 * HOUR), late)
    assert (found["count_1h"], found["sum_1h"], found["count_24h"]) == (1, 7, 1)
    assert features(use(2 * HOUR), late, late)["count_1h"] == 1
    assert features(use(2 * HOUR), late, late)["count_24h"] == 2


def test_later_buckets_do_not_count_for_a_late_one() -> None:
    found = features(use(600_000, 1), use(1_500_000, 2), use(700_000, 4))
    assert (found["count_1h"], found["sum_1h"]) == (2, 5)


def test_sketch_counts_distinct_values() -> None:
    assert (estimate(0), estimate(1), estimate(2**64 - 1)) == (0, 1, 311)
    assert sketch("a") == sketch("a")
    bucket = Bucket()
    for number in range(20):
        bucket.add(use(0, terminal=f"p-{number}"))
    assert bucket.sketches[2].bit_count() <= 20
    assert 17 <= estimate(bucket.sketches[2]) <= 23


def test_sketch_by_hand() -> None:
    # CRC-32 of "a" is 0xE8B7BE43; the last six bits of its mix name the bit.
    word = 0xE8B7BE43
    for shift, factor in ((16, 0x85EBCA6B), (13, 0xC2B2AE35), (16, 1)):
        word = ((word ^ word >> shift) * factor) % 2**32
    assert sketch("a") == 1 << word % 64
