"""`sluice rules`: what a person sees."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import orjson
import pytest
from typer.testing import CliRunner, Result

from contracts import reader
from sluice import cli, kafka
from sluice.errors import SluiceError
from tests.udfs.rules.files import rule, version, written
from tests.udfs.transactions import GOOD

NAMES = reader.card_feature_names()


def sluice(*arguments: str) -> Result:
    return CliRunner().invoke(cli.application(arguments), list(arguments))


def complaint(*arguments: str) -> str:
    error = sluice(*arguments).exception
    assert isinstance(error, SluiceError)
    return str(error)


def decision(**changes: Any) -> dict[str, Any]:
    """One that version 2 of the product's rules has made of the fourth transaction within 10 s."""
    features = [4 if name == "count_10s" else 1 for name in NAMES]
    made = {
        "decision_id": "d-1",
        "outcome": "review",
        "rules_version": 2,
        "amount_usd_minor": 85_095,
        "features": features,
    }
    return GOOD | {"card_token": "k1_ab", "entry_mode": None} | made | changes


def kept(monkeypatch: pytest.MonkeyPatch, *decisions: dict[str, Any]) -> None:
    records = [kafka.Record(0, number, 0, None, orjson.dumps(each)) for number, each in enumerate(decisions)]
    monkeypatch.setattr(kafka, "read_all", lambda *_: iter(records))


def test_the_products_rules_are_right_and_do_what_their_examples_say() -> None:
    assert "version 2 holds from 2026-11-01 00:00:00 UTC on: 15 rules" in sluice("rules", "check").output
    shown = sluice("rules", "test").output
    assert "✓ spending_spike             fires on 1, spares 3" in shown
    assert "✗" not in shown


def test_what_is_wrong_is_named_with_its_line(tmp_path: Path) -> None:
    path = written(tmp_path, version(1, "2020-01-01T00:00:00Z", rule(when="amount_us > most")))
    for verb in ("check", "test"):
        assert f"{path}:5: rule big: unknown value 'amount_us'; did you mean amount_usd?" in complaint(
            "rules", verb, str(path)
        )


def test_the_example_of_rules_on_entities_is_right() -> None:
    file = "jobs/fraud_detection/rules/entities.yaml"
    shown = sluice("rules", "test", file).output
    assert "11 examples of jobs/fraud_detection/rules/entities.yaml hold" in shown
    assert "the histories of each card, customer, terminal, device\n" in sluice("rules", "check", file).output
    assert "✗" not in shown


def test_a_decision_is_explained_by_the_histories_that_it_tells_of(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SLUICE_FRAUD_DETECTION__RULES", "jobs/fraud_detection/rules/entities.yaml")
    others = {f"{each}_features": [number] * len(NAMES) for number, each in enumerate(reader.ENTITIES)}
    kept(monkeypatch, decision(rules_version=1, **others))
    shown = sluice("rules", "explain", GOOD["transaction_id"]).output
    assert "○ customer_many_cards        customer.cards_1h [1] > most [3]" in shown
    assert "terminal.cards_10m [2] >= most [20]" in shown
    assert "○ device_many_customers      device.customers_24h [3] > most [3]" in shown


def test_an_example_that_fails_is_shown(tmp_path: Path) -> None:
    examples = {"fires": [{"amount_usd": "1.00 USD"}], "spares": [{"amount_usd": "1.01 USD"}]}
    path = str(written(tmp_path, version(1, "2020-01-01T00:00:00Z", rule(examples=examples))))
    shown = sluice("rules", "test", path).output
    assert "does not fire on amount_usd 1.00 USD" in shown
    assert "fires on amount_usd 1.01 USD" in shown
    assert complaint("rules", "test", path).startswith("2 of 2 examples in")


def test_values_have_units_and_forms() -> None:
    lines = {line.split()[0]: line for line in sluice("rules", "values").output.splitlines() if line.strip()}
    assert "number in USD" in lines["card.sum_24h"]
    assert "number in ms, s, min, h, d" in lines["card.since_last"]
    assert "pos, online, atm, transfer" in lines["channel"]
    assert "may be missing" in lines["device_id"]
    assert "number in USD" in lines["terminal.max_10m"]
    assert {"customer.cards_1h", "terminal.customers_7d", "device.since_last"} <= lines.keys()


def test_a_decision_is_explained_rule_by_rule(monkeypatch: pytest.MonkeyPatch) -> None:
    kept(monkeypatch, decision(), decision(), decision(transaction_id="t-10"))
    shown = sluice("rules", "explain", GOOD["transaction_id"]).output
    assert shown.count("by version 2 of the rules") == 1
    assert "● high_value                 amount_usd [850.95 USD] > most [800.00 USD]" in shown
    assert "● card_velocity              card.count_10s [4] > most [3]" in shown
    assert "○ transfer_record            amount_usd [850.95 USD] >= least [3,000.00 USD] and channel [" in shown
    assert "entry_mode [none] == 'contactless'" in shown


def test_a_decision_without_history_is_explained_by_the_rules_that_were_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    kept(monkeypatch, decision(features=[], degraded="keys_away"))
    shown = sluice("rules", "explain", GOOD["transaction_id"]).output
    assert "● high_value" in shown
    assert "card_velocity" not in shown


def test_what_cant_be_explained_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    kept(monkeypatch, decision(rules_version=7))
    assert "no decision on transaction 'nobody'" in complaint("rules", "explain", "nobody")
    assert "version 7, which decided on" in complaint("rules", "explain", GOOD["transaction_id"])
