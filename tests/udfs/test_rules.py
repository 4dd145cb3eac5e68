from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from contracts import reader
from sluice.settings import FraudDetection
from udfs import rules

VALUES = (*reader.card_feature_names(), "amount_usd_minor")
RULE = {
    "id": "big",
    "when": "{value: amount_usd_minor, above: 100}",
    "outcome": "review",
    "severity": "low",
    "text": '"{value}"',
}


def rule(**changes: str) -> str:
    return "{" + ", ".join(f"{name}: {value}" for name, value in (RULE | changes).items()) + "}"


def version(
    number: int = 1, since: str = "2020-01-01T00:00:00Z", rules_: tuple[str, ...] = (rule(),), rest: str = ""
) -> str:
    return f"- {{version: {number}, holds_from: {since}, rules: [{', '.join(rules_)}]{rest}}}\n"


def load(tmp_path: Path, text: str) -> tuple[rules.Version, ...]:
    path = tmp_path / "rules.yaml"
    path.write_text(text, encoding="utf-8")
    return rules.load(path, VALUES)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "rules.yaml"),
        ("[]", "no version"),
        ("{", "not valid YAML"),
        (version(rules_=(rule(when="{value: count_11s, above: 3}"),)), "unknown value 'count_11s'"),
        (version(rules_=(rule(when="{value: count_10s, above: many}"),)), "when.above"),
        (version(rules_=(rule(), rule())), "stands twice"),
        (version(rules_=(rule(outcome="approve"),)), "outcome"),
        (version(rules_=(rule(text='"{card}"'),)), "text may hold"),
        (version(since="2020-01-01T00:00:00"), "holds_from"),
        (version() + version(2, "2019-01-01T00:00:00Z"), "append, never edit"),
        (
            version(rest=", escalate: [{when_all: [big, small], outcome: block, severity: high}]"),
            "unknown rule 'small'",
        ),
    ],
)
def test_a_wrong_file_is_refused_with_the_place(tmp_path: Path, text: str, words: str) -> None:
    with pytest.raises(rules.RulesError) as caught:
        load(tmp_path, text)
    assert words in str(caught.value)
    assert "rules.yaml" in str(caught.value)


def test_a_missing_file_names_the_setting(tmp_path: Path) -> None:
    with pytest.raises(rules.RulesError, match=r"fraud_detection\.rules"):
        rules.load(tmp_path / "none.yaml", VALUES)


def test_the_version_at_the_event_time_holds(tmp_path: Path) -> None:
    log = rules.RuleLog(load(tmp_path, version(1, "2020-01-01T00:00:00Z") + version(2, "2021-01-01T00:00:00.500Z")))
    at = 1_609_459_200_500  # 2021-01-01T00:00:00.500Z
    assert log.holding(np.array([0, at - 1, at, at + 1])).tolist() == [0, 0, 1, 1]


def test_above_means_above(tmp_path: Path) -> None:
    (only,) = load(tmp_path, version())
    (hits,) = rules.fired(only, {"amount_usd_minor": np.array([99, 100, 101])})
    assert hits.tolist() == [False, False, True]


@pytest.mark.parametrize(
    ("high_value", "velocity", "outcome", "severity"),
    [
        (False, False, "approve", "low"),
        (True, False, "review", "medium"),
        (False, True, "review", "high"),
        (True, True, "block", "critical"),
    ],
)
def test_the_seed_rules_decide_as_agreed(high_value: bool, velocity: bool, outcome: str, severity: str) -> None:  # noqa: FBT001
    (seed,) = rules.load(FraudDetection().rules, VALUES)
    values = {
        "amount_usd_minor": np.array([80_001 if high_value else 80_000]),
        "count_10s": np.array([4 if velocity else 3]),
    }
    found = rules.verdict(seed, [bool(hit[0]) for hit in rules.fired(seed, values)])
    assert (found.outcome, found.severity) == (outcome, severity)
    assert [rule_.id for rule_ in found.fired] == ["high_value"] * high_value + ["card_velocity"] * velocity
