"""Matches in words, and the alerts that they become."""

from __future__ import annotations

from typing import Any

import orjson
import pytest

from contracts import reader
from sluice.settings import FraudPatterns
from tests.jobs.fraud_patterns.flink import decision, event
from tests.oracle.patterns import Act, Use
from udfs.checked_yaml import WrongFileError
from udfs.contract_json import decoder
from udfs.patterns.alert import Alerts
from udfs.patterns.file import load, parse
from udfs.times import parse_ms

PATTERNS = load(FraudPatterns().patterns)
NOON = parse_ms("2026-01-05T12:00:00Z") or 0
MINUTE = 60_000
TAKEOVER = ("device_added", "profile_changed")
GOOD = """\
outcome: review
severity: low
limits: {most: 2.00 USD, within: 10 min}
text: "{count} up to {most}"
why: because
examples:
  matches: [[{amount_usd: 1.00 USD}]]
  spares: [[{amount_usd: 3.00 USD}]]
"""


def match(*uses: tuple[int, int, str]) -> list[dict[str, Any]]:
    """Minutes after noon, US cents and country of each."""
    names = [each.name for each in reader.pattern_alert_transaction()]
    whole = [
        decision("k1_aa", Use((0, offset), NOON + minute * MINUTE, usd, country, "atm"))
        for offset, (minute, usd, country) in enumerate(uses)
    ]
    return [{name: each[name] for name in names} for each in whole]


def test_an_alert_keeps_its_contract_and_carries_what_matched() -> None:
    matched = match((0, 100_00, "US"), (5, 300_00, "US"), (9, 600_00, "US"))
    alert = Alerts("cash_out", PATTERNS["cash_out"]).alert(matched, NOON + 10 * MINUTE)
    assert alert is not None
    read = decoder(reader.load("alerts"))(orjson.dumps(alert))
    assert [each["transaction_id"] for each in read["transactions"]] == ["t-0-0", "t-0-1", "t-0-2"]
    assert (read["transaction_id"], read["decision_id"], read["rules"]) == ("t-0-2", "d-0-2", ["cash_out"])
    assert read["text"] == (
        "3 withdrawals within 9 min, each larger than the one before, from 100.00 USD up to 600.00 USD: "
        "1,000.00 USD together."
    )


def test_a_repeat_has_the_same_id_and_another_match_another() -> None:
    alerts = Alerts("cash_out", PATTERNS["cash_out"])
    matched = match((0, 100_00, "US"), (5, 300_00, "US"), (9, 600_00, "US"))
    ids = [(alerts.alert(each, NOON) or {})["alert_id"] for each in (matched, matched, matched[1:])]
    assert ids[0] == ids[1] != ids[2]


def test_a_match_whose_check_does_not_hold_is_no_alert() -> None:
    alerts = Alerts("impossible_travel", PATTERNS["impossible_travel"])
    assert alerts.alert(match((0, 100, "US"), (60, 100, "CA")), NOON) is None
    assert alerts.alert(match((0, 100, "US"), (60, 100, "JP")), NOON) is not None
    assert alerts.alert(match((60, 100, "US"), (0, 100, "JP")), NOON) is not None


def test_an_alert_over_events_and_transfers_tells_of_both() -> None:
    acts = [event("c-1", Act(f"e-{kind}", NOON + at * MINUTE, kind)) for at, kind in enumerate(TAKEOVER)]
    (moved,) = match((9, 600_00, "US"))
    alerts = Alerts("account_takeover", PATTERNS["account_takeover"])
    alert = alerts.alert([acts[1], moved, acts[0]], NOON)
    assert alert is not None
    read = decoder(reader.load("alerts"))(orjson.dumps(alert))
    assert [each["kind"] for each in read["customer_events"]] == list(TAKEOVER)
    assert [each["transaction_id"] for each in read["transactions"]] == [read["transaction_id"]] == ["t-0-0"]
    assert "600.00 USD sent by transfer, all within 9 min" in read["text"]
    assert (alerts.alert([*acts, moved], NOON) or {})["alert_id"] == read["alert_id"]
    assert alerts.alert([moved, *acts[::-1], match((-1, 600_00, "US"))[0]], NOON) is None


@pytest.mark.parametrize(
    ("before", "after", "words"),
    [
        ("severity: low", "severity: mild", "p.yaml:2: severity"),
        ("2.00 USD,", "2.00 EUR,", "p.yaml:3: limits.most: .*give the limit in USD, not in EUR"),
        ("2.00 USD,", "2.5,", "p.yaml:3: limits.most: .*write a whole number with its unit"),
        ("up to {most}", "up to {least}", "p.yaml:4: the text speaks of {least}, which is neither"),
        (
            "why: because",
            "why: because\ncheck: too_close",
            "p.yaml:6: there is no check 'too_close'; use",
        ),
        (
            "{amount_usd: 1.00 USD}",
            "{amount_usd: 10 min}",
            "p.yaml:7: examples.*: .*write it in USD",
        ),
        ("why: because\n", "", "p.yaml:1: why: this field is missing"),
    ],
)
def test_a_wrong_file_is_refused_with_its_line(before: str, after: str, words: str) -> None:
    assert parse(GOOD, "p.yaml").limits["within"].number == 600_000
    with pytest.raises(WrongFileError, match=words):
        parse(GOOD.replace(before, after), "p.yaml")
