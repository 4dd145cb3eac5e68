"""How well decisions agree with labels: precision, recall and false positives, by scenario and by rule.

Recall counts cases, since one alert is enough to find one; precision and the false-positive rate count transactions.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import orjson

from sluice.feed.generate import Label
from sluice.kafka import read_all
from sluice.settings import Settings

Fired = Mapping[str, Sequence[str]]
"""Transaction id to the rules that fired and the patterns that it completed, for every transaction that was decided."""
_Case = tuple[str, int]
"""Case numbers begin anew in each piece of traffic; the ids of a piece share their start."""


def share(part: int, whole: int) -> float | None:
    """`part` of `whole`, or None of nothing."""
    return part / whole if whole else None


@dataclass(frozen=True)
class Scenario:
    """Cases of fraud of one kind, and their transactions."""

    name: str
    cases: int
    found: int
    transactions: int
    flagged: int

    @property
    def recall(self) -> float | None:
        return share(self.found, self.cases)


@dataclass(frozen=True)
class Rule:
    """Transactions that a rule fired on, and the cases that it found."""

    name: str
    fraudulent: int
    legitimate: int
    cases: int

    @property
    def precision(self) -> float | None:
        return share(self.fraudulent, self.fraudulent + self.legitimate)


@dataclass(frozen=True)
class Evaluation:
    """`undecided` are labelled transactions without a decision, as those that were held back."""

    scenarios: tuple[Scenario, ...]
    rules: tuple[Rule, ...]
    legitimate: int
    legitimate_flagged: int
    undecided: int

    @property
    def cases(self) -> int:
        return sum(each.cases for each in self.scenarios)

    @property
    def found(self) -> int:
        return sum(each.found for each in self.scenarios)

    @property
    def recall(self) -> float | None:
        return share(self.found, self.cases)

    @property
    def precision(self) -> float | None:
        right = sum(each.flagged for each in self.scenarios)
        return share(right, right + self.legitimate_flagged)

    @property
    def false_positive_rate(self) -> float | None:
        return share(self.legitimate_flagged, self.legitimate)

    def as_json(self) -> dict[str, Any]:
        """Everything, with the shares worked out."""
        return {
            "cases": self.cases,
            "found": self.found,
            "recall": self.recall,
            "precision": self.precision,
            "false_positive_rate": self.false_positive_rate,
            **asdict(self),
            "scenarios": [asdict(each) | {"recall": each.recall} for each in self.scenarios],
            "rules": [asdict(each) | {"precision": each.precision} for each in self.rules],
        }


def fired(settings: Settings) -> dict[str, list[str]]:
    """What was decided, and what patterns have found, from the topics of both."""
    topics = settings.kafka.topics
    decisions, alerts = (
        (orjson.loads(each.value) for each in read_all(settings.kafka.bootstrap, topic))
        for topic in (topics.decisions, topics.alerts)
    )
    found = {each["transaction_id"]: {reason["rule"] for reason in each["reasons"]} for each in decisions}
    for alert in alerts:
        found[alert["transaction_id"]].update(alert["rules"])
    return {transaction: sorted(names) for transaction, names in found.items()}


def evaluate(labels: Iterable[Label], fired: Fired) -> Evaluation:
    """Labels of generated traffic, whose transaction ids are unique, against what was decided."""
    flagged: Counter[str] = Counter()
    transactions: Counter[str] = Counter()
    cases: dict[str, set[_Case]] = defaultdict(set)
    found: dict[str, set[_Case]] = defaultdict(set)
    by_rule: dict[str, Counter[bool]] = defaultdict(Counter)
    cases_by_rule: dict[str, set[_Case]] = defaultdict(set)
    legitimate = legitimate_flagged = undecided = 0
    for label in labels:
        rules = fired.get(label.transaction_id)
        undecided += rules is None
        for rule in rules or ():
            by_rule[rule][label.is_fraud] += 1
        if label.case is None:
            legitimate += 1
            legitimate_flagged += bool(rules)
            continue
        case = (label.transaction_id.partition("-")[0], label.case)
        transactions[label.scenario] += 1
        cases[label.scenario].add(case)
        if rules:
            flagged[label.scenario] += 1
            found[label.scenario].add(case)
            for rule in rules:
                cases_by_rule[rule].add(case)
    return Evaluation(
        tuple(
            Scenario(each, len(cases[each]), len(found[each]), transactions[each], flagged[each])
            for each in sorted(cases)
        ),
        tuple(
            Rule(each, by_rule[each][True], by_rule[each][False], len(cases_by_rule[each])) for each in sorted(by_rule)
        ),
        legitimate,
        legitimate_flagged,
        undecided,
    )
