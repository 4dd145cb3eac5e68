"""Who is told what: at most one message for each alert and receiver, under the same key whenever it is told again."""

from __future__ import annotations

from collections import Counter
from typing import Any

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.udfs.delivery.fakes import receiver, version
from tests.udfs.test_episodes import EVENTS, START, raised, run
from udfs.delivery import signature
from udfs.delivery.messages import Message, message


def told(versions: list[dict[str, Any]], **changes: Any) -> list[Message]:
    made = (message(each, receiver(**changes)) for each in versions)
    return [each for each in made if each is not None]


@given(EVENTS, st.sampled_from(["summary", "each"]))
def test_each_alert_stands_in_exactly_one_message(events: list[int], children: str) -> None:
    alerts = [raised(number, at) for number, at in enumerate(events)]
    versions = run([(each, START + number * 700) for number, each in enumerate(alerts)])
    found = told(versions, children=children)
    counts = Counter(name for each in found for name in each.alert_ids)
    assert counts == Counter({each["alert_id"]: 1 for each in alerts})
    assert len({each.key for each in found}) == len(found)
    assert [each.key for each in told(versions, children=children)] == [each.key for each in found]


def test_children_wait_for_the_summary_or_are_told_each() -> None:
    versions = [version(), version("grown", 2), version("grown", 3), version("closed", 3)]
    assert [each.kind for each in told(versions)] == ["alert", "summary"]
    assert told(versions)[1].alert_ids == ("a-2", "a-3")
    assert [each.kind for each in told(versions, children="each")] == ["alert"] * 3
    assert told([version("closed", 1)]) == []


def test_a_second_closing_tells_only_what_is_new() -> None:
    (summary,) = told([version("closed", 4, closed_before=3)])
    assert summary.alert_ids == ("a-4",)


@pytest.mark.parametrize(
    ("route", "severity", "rules", "wanted"),
    [
        ({}, "low", ["a"], True),
        ({"least_severity": "high"}, "medium", ["a"], False),
        ({"least_severity": "high"}, "critical", ["a"], True),
        ({"only": ["a"]}, "low", ["a", "b"], True),
        ({"only": ["a"]}, "critical", ["b"], False),
        ({"without": ["a"]}, "low", ["a"], False),
        ({"without": ["a"]}, "low", ["a", "b"], True),
    ],
)
def test_routes_go_by_severity_and_rules(route: Any, severity: str, rules: list[str], wanted: bool) -> None:  # noqa: FBT001
    assert bool(told([version(severity=severity, rules=rules)], **route)) is wanted


def test_receivers_have_keys_of_their_own() -> None:
    assert len({each.key for name in ("desk", "pager") for each in told([version()], name=name)}) == 2


def test_what_is_told_has_the_alert_and_its_reason() -> None:
    (first,) = told([version()])
    body = orjson.loads(first.body)
    assert body["message_id"] == first.key
    assert body["alert"] == version()["alert"]
    assert first.subject == "[medium] high_value: card k1_ababababababab, 900.00 USD at m-1, US"
    assert first.text.startswith("Too much.\n\noutcome      review\n")


@given(st.binary(), st.binary(min_size=1), st.integers(0, 2**33), st.integers(-300, 300))
def test_a_signature_holds_for_its_body_secret_and_time(body: bytes, secret: bytes, at_s: int, age_s: int) -> None:
    header = signature.sign(body, secret, at_s)
    assert signature.verify(header, body, secret, at_s + age_s)
    assert not signature.verify(header, body + b"x", secret, at_s)
    assert not signature.verify(header, body, secret + b"x", at_s)
    assert not signature.verify(header, body, secret, at_s + 301)
    assert not signature.verify(header.replace("t=", "t=1"), body, secret, at_s)


@pytest.mark.parametrize("header", ["", "t=,v1=", "t=x,v1=y", "v1=00", "t=1767604800", "t=²,v1=é"])
def test_what_is_no_signature_is_refused(header: str) -> None:
    assert not signature.verify(header, b"", b"secret", 1_767_604_800)
