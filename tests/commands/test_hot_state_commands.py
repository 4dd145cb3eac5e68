"""`sluice alerts` and `sluice card` tell what the tables hold, and say plainly when they can't."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import orjson
import pytest

from contracts import reader
from sluice import aws, kafka
from sluice.commands.alerts import AlertsError, alerts, fresh, lines
from sluice.commands.card import card
from sluice.hot_state import HotStateError
from tests.commands.hot_fake import FakeReads
from tests.jobs.hot_state.samples import TABLES, alert, decision
from udfs.contract_json import decoder
from udfs.hot_items import Put, alert_put, decision_puts

FIRST, SECOND = "0a0a0a0a_" + "cd" * 32, "0a0a0a0a_" + "ef" * 32
NOW = datetime.now(UTC)


def ago(**span: float) -> str:
    return (NOW - timedelta(**span)).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def of_decision(**changes: Any) -> tuple[Put, ...]:
    return decision_puts(decoder(reader.load("decisions"))(orjson.dumps(decision(**changes))), TABLES, 0)


def of_alert(**changes: Any) -> Put:
    return alert_put(decoder(reader.load("alerts"))(orjson.dumps(alert(**changes))), TABLES, 0)


@pytest.fixture(autouse=True)
def tables(monkeypatch: pytest.MonkeyPatch) -> None:
    reasons = [{"rule": "high_value", "version": 1, "severity": "high", "text": "Far too much.", "values": {}}]
    puts = [
        *of_decision(card_token=FIRST, event_time=ago(minutes=1), reasons=reasons, amount_minor=123_456),
        *of_decision(card_token=FIRST, event_time=ago(minutes=2), outcome="approve", transaction_id="t-0", reasons=[]),
        of_alert(alert_id="a-1", card_token=FIRST, event_time=ago(minutes=1), severity="high", text="Far too much."),
        of_alert(alert_id="a-2", card_token=SECOND, event_time=ago(minutes=2), severity="critical", text="Hurry."),
        of_alert(alert_id="a-3", card_token=SECOND, event_time=ago(hours=3), severity="low", text="Long ago."),
    ]
    monkeypatch.setattr(aws, "dynamodb", lambda *_: FakeReads(puts))
    monkeypatch.setenv("COLUMNS", "200")


def test_alerts_of_the_last_hour_come_newest_first(capsys: pytest.CaptureFixture[str]) -> None:
    alerts()
    shown = capsys.readouterr().out
    assert shown.index("Far too much.") < shown.index("Hurry.")
    assert "Long ago." not in shown
    assert "0a0a0a0a_cdcdcdcd…" in shown
    assert " 31 ms" in shown


def test_the_alert_of_a_pattern_shows_what_matched(capsys: pytest.CaptureFixture[str]) -> None:
    transaction = decision(event_time=ago(minutes=9), amount_minor=199, terminal_id="p-1", channel="online")
    names = [each.name for each in reader.pattern_alert_transaction()]
    whole = alert(rules=["card_testing"]) | {"transactions": [{name: transaction[name] for name in names}]}
    event = {"event_time": ago(minutes=10), "kind": "profile_changed", "changed_field": "email"}
    print(lines(whole | {"customer_events": [event]}, known_ms=0))
    _, _, done, matched = capsys.readouterr().out.splitlines()
    assert done.split() == [*ago(minutes=10).removesuffix("Z").split("T"), "profile", "changed,", "email"]
    assert matched.split() == [
        *ago(minutes=9).removesuffix("Z").split("T"),
        "1.99",
        "USD",
        "at",
        "m-1,",
        "US,",
        "online",
    ]


def test_alerts_are_chosen_by_severity_and_time(capsys: pytest.CaptureFixture[str]) -> None:
    alerts(severity="critical", last="1d")
    shown = capsys.readouterr().out
    assert "Hurry." in shown
    assert "Far too much." not in shown
    alerts(severity="low", last="1d", limit=1)
    assert "1 alert, newest" in capsys.readouterr().out


def test_no_alert_in_the_time_asked_for_says_when_there_was_one(capsys: pytest.CaptureFixture[str]) -> None:
    alerts(last="1s")
    shown = " ".join(capsys.readouterr().out.split())
    assert "no alert" in shown
    assert ago(minutes=1).replace("T", " ").removesuffix("Z") in shown


@pytest.mark.parametrize("token", [FIRST, "0a0a0a0a_cdcdcdcd…", FIRST[:12]])
def test_a_card_is_told_by_its_token_or_the_start_that_alerts_shows(
    token: str, capsys: pytest.CaptureFixture[str]
) -> None:
    card(token=token)
    shown = capsys.readouterr().out
    assert f"card {FIRST}" in shown
    assert "1,234.56 USD" in shown
    assert "0 transactions, sum 0.01 USD, max 0.02 USD, 3 merchants, 4 countries, 5 terminals" in shown
    assert "recent transactions (2 shown" in shown
    assert "alerts (1 shown" in shown
    assert shown.count("Far too much.") == 1


@pytest.mark.parametrize(
    ("token", "message"),
    [
        ("0a0a0a0a_", "no card is known as 0a0a0a0a_; give the whole token"),
        ("0a0a0a0a_77777777", "no card is known"),
        ("4111 1111 1111 1111", "never type a card number here"),
    ],
)
def test_a_token_that_is_not_known_says_what_is_wanted(token: str, message: str) -> None:
    with pytest.raises(HotStateError, match=message) as caught:
        card(token=token)
    assert "4111" not in str(caught.value)


def test_following_shows_each_alert_once() -> None:
    ids = [("a-1", "high"), ("a-2", "low"), ("a-1", "high"), ("a-3", "critical")]
    values = [orjson.dumps(alert(alert_id=number, severity=severity)) for number, severity in ids]
    records = (kafka.Record(0, offset, 5, None, value) for offset, value in enumerate(values))
    assert [each["alert_id"] for each, _ in fresh(records, "medium")] == ["a-1", "a-3"]


@pytest.mark.parametrize("asked", [{"severity": "awful"}, {"follow": True, "last": "1h"}])
def test_what_cannot_be_asked_is_said(asked: dict[str, Any]) -> None:
    with pytest.raises(AlertsError, match=r"is one of low, medium, high, critical|leave --last and --limit out"):
        alerts(**asked)
