"""What a steady run shows of each minute."""

from __future__ import annotations

from bench.steady import Look, Minute, by_minute

SINCE = 1_000_000


def test_minutes_begin_with_the_run() -> None:
    alerts = [(SINCE, 10), (SINCE + 59_999, 30), (SINCE + 60_000, 50), (SINCE - 1, 9_999)]
    looks = [Look(SINCE + 100, 7, 900), Look(SINCE + 50_000, 12, 800), Look(SINCE + 61_000, 3, 1_000)]
    assert by_minute(alerts, looks, SINCE) == [
        Minute(1, 2, 20.0, 29.8, 12, 900),
        Minute(2, 1, 50.0, 50.0, 3, 1_000),
    ]


def test_a_minute_without_an_alert_is_left_out() -> None:
    looks = [Look(SINCE + minute * 60_000, 0, 1) for minute in range(3)]
    assert [each.minute for each in by_minute([(SINCE, 1), (SINCE + 125_000, 1)], looks, SINCE)] == [1, 3]
    assert by_minute([], looks, SINCE) == []
