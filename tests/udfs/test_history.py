"""The model of the history kernel, against figures worked out by hand."""

from __future__ import annotations

from contracts import reader
from udfs.history import SKETCH_BITS, EntityHistory, Event, estimate, fmix32, sketch

SECOND, MINUTE, HOUR, DAY = 1_000, 60_000, 3_600_000, 86_400_000
NOON = 1_700_000_400_000  # a multiple of one hour
HOME = (1, 2, 3)


def named(features: list[int]) -> dict[str, int]:
    return dict(zip(reader.card_feature_names(), features, strict=True))


def after(*times: int) -> dict[str, int]:
    """The features of the last of events at `times`, each over 100."""
    history = EntityHistory()
    return named([history.add(Event(time, 100, HOME)) for time in times][-1])


def counts(features: dict[str, int]) -> list[int]:
    return [features[f"count_{window}"] for window in ("10s", "1m", "10m", "1h", "24h", "7d")]


def test_published_hashes() -> None:
    assert (fmix32(0), fmix32(1)) == (0, 0x514E28B7)


def test_first_event() -> None:
    features = after(NOON)
    assert counts(features) == [1] * 6
    assert (features["sum_7d"], features["max_10s"], features["countries_24h"]) == (100, 100, 1)
    assert features["ms_since_last"] == -1


def test_exact_windows_hold_their_edge_and_look_both_ways() -> None:
    assert counts(after(NOON, NOON + 10 * SECOND))[:2] == [2, 2]
    assert counts(after(NOON, NOON + 10 * SECOND + 1))[:2] == [1, 2]
    assert counts(after(NOON + 10 * SECOND, NOON))[:2] == [2, 2]


def test_ms_since_last_is_never_negative() -> None:
    assert after(NOON, NOON + 7)["ms_since_last"] == 7
    assert after(NOON, NOON - 7)["ms_since_last"] == 0
    assert after(NOON, NOON - 7, NOON + 1)["ms_since_last"] == 1


def test_ring_forgets_the_oldest_arrival_and_buckets_do_not() -> None:
    assert counts(after(*[NOON] * 70)) == [64, 64, 64, 70, 70, 70]


def test_bucket_windows_start_with_whole_buckets() -> None:
    end = NOON + HOUR - 1
    assert counts(after(end - HOUR, end))[3] == 1
    assert counts(after(end - HOUR + 1, end))[3] == 2
    assert counts(after(NOON - 23 * HOUR, NOON))[4] == 2
    assert counts(after(NOON - 24 * HOUR, NOON))[4:] == [1, 2]
    assert counts(after(NOON - 168 * HOUR, NOON))[5] == 1


def test_late_event_counts_for_itself_but_is_not_remembered() -> None:
    late = NOON - 8 * DAY
    assert counts(after(NOON, late)) == [1] * 6
    assert counts(after(NOON, late, late))[3:] == [1, 1, 1]
    assert counts(after(NOON, late, NOON))[3:] == [2, 2, 2]


def test_jump_ahead_drops_old_buckets_for_good() -> None:
    assert counts(after(NOON, NOON + 30 * DAY, NOON))[3:] == [1, 1, 1]


def test_distinct_values() -> None:
    history = EntityHistory()
    for number in range(5):
        features = named(history.add(Event(NOON + number, 100, (number, 7, number % 2))))
    assert [features[f"{name}_10s"] for name in ("merchants", "countries", "terminals")] == [5, 1, 2]
    assert features["countries_7d"] == 1


def test_estimates_grow_with_the_bits() -> None:
    estimates = [estimate((1 << ones) - 1) for ones in range(SKETCH_BITS + 1)]
    assert estimates[:3] == [0, 1, 2]
    assert estimates == sorted(estimates)
    assert estimates[SKETCH_BITS] == 311  # 64 ln(128)
    assert sketch(1).bit_count() == 1
