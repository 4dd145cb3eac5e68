"""What a rules file may not say, and where the message points to."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from sluice.settings import PROJECT_ROOT
from tests.udfs.rules.files import loaded, rule, version, written
from udfs.checked_yaml import WrongFileError
from udfs.rules.file import load, load_proven, parse

FILE = """\
- version: 1
  holds_from: 2020-01-01T00:00:00Z
  rules:
    - id: big
      when: >-
        amount_usd > most
        and card.count_11s > 3
      limits: {most: 1.00 USD}
      outcome: review
      severity: low
      text: Big.
      why: To try it out.
      examples:
        fires: [{amount_usd: 1.01 USD, card.count_10s: 4}]
        spares: [{amount_usd: 1.00 USD, card.count_10s: 4}]
"""


@pytest.mark.parametrize(
    ("rules", "words"),
    [
        ([rule(when="{value: amount_usd_minor, above: 100}")], "rule big: '{' has no meaning here"),
        ([rule(limits={})], "rule big: unknown value 'most'"),
        ([rule(when="amount_usd > 1.00 USD")], "the limit most is not used"),
        ([rule(when="amount > 1.00 USD", limits={})], "amount is in the transaction's own currency; use amount_usd"),
        ([rule(limits={"most": "1 + 1"})], "'1 + 1' is not a value"),
        ([rule(limits={"most": 100})], "> between USD and a number without a unit"),
        ([rule(limits={"amount_usd": "1.00 USD"}, when="amount_usd > 2 USD")], "has the name of a value"),
        ([rule(), rule()], "rule big stands twice in version 1"),
        ([rule(outcome="approve")], "0.rules.0.outcome: Input should be 'review' or 'block' (got 'approve')"),
        ([rule(severity=...)], "0.rules.0.severity: this field is missing"),
        ([rule(text="Paid with {card}.")], "the text speaks of {card}, which is neither a value nor a limit"),
        ([rule(examples={"fires": [], "spares": [{"amount_usd": "1.00 USD"}]})], "examples.fires"),
        (
            [rule(examples={"fires": [{"country": "DE"}], "spares": [{}]})],
            "an example gives a value to each of amount_usd",
        ),
        (
            [rule(examples={"fires": [{"amount_usd": 2}], "spares": [{}]})],
            "amount_usd can't be 2; write an amount such as",
        ),
    ],
)
def test_a_wrong_rule_is_refused(tmp_path: Path, rules: list[dict[str, Any]], words: str) -> None:
    with pytest.raises(WrongFileError) as caught:
        loaded(tmp_path, version(1, "2020-01-01T00:00:00Z", *rules))
    assert words in str(caught.value)
    assert "rules.yaml:" in str(caught.value)


@pytest.mark.parametrize(
    ("value", "given", "words"),
    [
        ("card.since_last", "3", "write a time such as 10 s, or never"),
        ("card.since_last", "-1 ms", "write a time such as 10 s, or never"),
        ("card.count_1h", "0", "write a whole number"),
        ("card.count_1h", "1.5", "write a whole number"),
        ("channel", "shop", "channel is one of pos"),
        ("channel", None, "channel is never missing"),
    ],
)
def test_an_example_is_something_that_occurs(tmp_path: Path, value: str, given: str | None, words: str) -> None:
    when = {"card.since_last": "card.since_last > 1 d", "channel": "channel == 'pos'"}.get(value, f"{value} > 3")
    wrong = rule(when=when, limits={}, text="It is.", examples={"fires": [{value: given}], "spares": [{value: given}]})
    with pytest.raises(WrongFileError) as caught:
        loaded(tmp_path, version(1, "2020-01-01T00:00:00Z", wrong))
    assert f"{value} can't be {given!r}; {words}" in str(caught.value)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "rules.yaml:1: "),
        ("[]", "rules.yaml:1: there is no version"),
        ("{\n", "rules.yaml:2: this is not valid YAML"),
        (FILE, "rules.yaml:5: rule big: unknown value 'card.count_11s'; did you mean card.count_10s?"),
        (FILE, "amount_usd > most and → card.count_11s > 3"),
        (FILE.replace("11s", "10s").replace("most: 1.00 USD", "most: 1.00 EUR"), "rules.yaml:5: rule big: amounts are"),
        (FILE.replace("11s", "10s").replace("severity: low", "severity: mild"), "rules.yaml:10: 0.rules.0.severity"),
        (
            FILE.replace("11s", "10s").replace("card.count_10s: 4}]\n        s", "}]\n        s"),
            "rules.yaml:14: rule big: an",
        ),
        (
            FILE.replace("11s", "10s") + "  escalate: [{when_all: [big, bad], outcome: block, severity: low}]\n",
            ":16: unknown",
        ),
    ],
)
def test_the_message_points_to_the_line(text: str, words: str) -> None:
    with pytest.raises(WrongFileError) as caught:
        parse(text, "rules.yaml")
    assert words in str(caught.value)


def test_versions_are_only_appended(tmp_path: Path) -> None:
    for after in (version(2, "2019-01-01T00:00:00Z"), version(1, "2021-01-01T00:00:00Z")):
        with pytest.raises(WrongFileError, match="append, never edit"):
            loaded(tmp_path, version(), after)


def test_a_moment_without_a_time_zone_is_refused(tmp_path: Path) -> None:
    with pytest.raises(WrongFileError, match="holds_from"):
        loaded(tmp_path, version(1, "2020-01-01T00:00:00"))


def test_a_missing_file_names_the_setting(tmp_path: Path) -> None:
    with pytest.raises(WrongFileError, match=r"fraud_detection\.rules"):
        load(tmp_path / "none.yaml")


def test_the_example_of_the_documentation_can_be_used(tmp_path: Path) -> None:
    page = (PROJECT_ROOT / "docs" / "rules.md").read_text(encoding="utf-8")
    path = tmp_path / "rules.yaml"
    path.write_text(page.split("```yaml\n")[1].split("```")[0], encoding="utf-8")
    (only,) = load_proven(path)
    assert [rule.id for rule in only.rules] == ["jewellery_spree", "high_value"]


def test_a_rule_must_do_what_its_examples_say(tmp_path: Path) -> None:
    swapped = {"fires": [{"amount_usd": "1.00 USD"}], "spares": [{"amount_usd": "1.01 USD"}]}
    path = written(tmp_path, version(1, "2020-01-01T00:00:00Z", rule(examples=swapped)))
    assert load(path)
    with pytest.raises(WrongFileError, match=r"rule big of version 1 must fire on its example amount_usd 1\.00 USD"):
        load_proven(path)
