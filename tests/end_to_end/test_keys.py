"""A rotation, a look into the vault, and key services that are away, on real servers; and no card number shows."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import orjson
import pytest

from bench.proof import leaks
from bench.proof.house import House, running, settings_named
from contracts import reader
from localstack.stack import Stack
from localstack.waiting import until
from sluice import aws
from sluice.commands.keys import rotate
from sluice.flink_jobs import named
from sluice.keys import audit
from sluice.settings import Keys, Role, Settings
from tests.end_to_end.test_quarantine import Terminal
from tests.oracle.examples import CARD, body
from tests.oracle.validation import iso
from udfs.times import clock_ms

pytestmark = [pytest.mark.servers, pytest.mark.timeout(600)]
JOB = named("fraud_detection")
COUNT_7D = reader.card_feature_names().index("count_7d")
PATIENCE_S = 60.0
NOW = iso(clock_ms())
LEASE_ENDS_MS = 2_500
"""So long after the keys are away, no answer from before is good for what comes."""


def with_keys(base: Settings, **values: Any) -> Settings:
    before = base.fraud_detection.gate.keys.model_dump()
    keys = Keys(**before | {"refresh_seconds": 0.5, "lease_seconds": 1} | values)
    gate = base.fraud_detection.gate.model_copy(update={"keys": keys})
    roles = {"desk": Role(members=(audit.login(),)), "others": Role(members=("nobody-of-that-name", "@no-such-group"))}
    vault = base.vault.model_copy(update={"roles": roles, "kms_key_id": "alias/vault-of-a-test"})
    section = base.fraud_detection.model_copy(update={"gate": gate})
    return base.model_copy(update={"fraud_detection": section, "vault": vault})


def send(house: House, *numbers: int, **changes: Any) -> None:
    bodies = (body(number, event_time=NOW, **changes) for number in numbers)
    house.send([(b"c-1", json.dumps(each).encode()) for each in bodies])


def decided(house: House, *numbers: int) -> list[dict[str, Any]]:
    """The latest decision on each of these transactions, once they are all decided."""

    def latest() -> dict[str, dict[str, Any]]:
        found = [orjson.loads(each.value) for each in house.read("decisions")]
        return {each["transaction_id"]: each for each in sorted(found, key=lambda each: int(each["source_offset"]))}

    names = [f"t-{number}" for number in numbers]
    assert until(lambda: latest().keys() >= set(names), PATIENCE_S), house.stack.flink.jobs.trouble(house.ids[JOB.name])
    found = latest()
    return [found[name] for name in names]


def no_card_shows(house: House, said: str) -> None:
    topics = ("decisions", "alerts", "quarantine", "duplicates", "token_vault", "audit")
    records = [(each.key or b"") + b" " + each.value for topic in topics for each in house.read(topic)]
    logs = [content for _, content in leaks.written_by_flink(house.settings.local.home)]
    for content in (said.encode(), *records, *logs):
        assert not leaks.found(content, frozenset({CARD}))


@pytest.fixture(scope="module")
def opened(stack: Stack) -> Iterator[House]:
    """The flow decides without history while KMS is away."""
    base = with_keys(
        stack.settings,
        source="kms",
        ring="s3://sluice-keys-of-a-house/ring.json",
        kms_key_id="alias/tokens-of-a-house",
        when_down="open",
    )
    with running(stack, "opened", [JOB], base=base) as house:
        yield house


def test_tokens_change_at_a_rotation_and_histories_go_on(opened: House, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rotate, "CLOCKS_DIFFER_MS", 500)  # there is one clock here
    sluice = Terminal(opened.file)
    send(opened, 1, 2)
    (*_, before) = decided(opened, 1, 2)
    assert "holds for what Kafka appends from" in sluice("keys", "rotate", "--why", "the year is over")
    assert "is yet to hold" in sluice("keys", "list")
    assert until(lambda: "is yet to hold" not in sluice("keys", "list"), PATIENCE_S)
    send(opened, 2, 3)
    (after,) = decided(opened, 3)
    assert (before["features"][COUNT_7D], after["features"][COUNT_7D]) == (2, 3)
    assert before["card_token"] != after["card_token"]
    assert until(lambda: opened.count("duplicates") == 1, PATIENCE_S)
    assert opened.count("quarantine") == 0

    asked = ("--why", "a customer called")
    linked = sluice("vault", "links", after["card_token"], "--role", "desk", *asked)
    assert [linked.index(each["card_token"]) > 0 for each in (before, after)] == [True, True]
    shown = sluice("vault", "lookup", before["card_token"], "--role", "desk", *asked)
    assert shown == f"{CARD[:6]}******{CARD[-4:]}\n"
    for arguments, refused in (
        (("--role", "others"), "is no member of the role others"),
        (("--role", "unheard-of"), "there is no role 'unheard-of'"),
        (("--role", "desk", "--full"), "sees the ends of a card number only"),
    ):
        assert refused in sluice("vault", "lookup", after["card_token"], *arguments, *asked)
    assert "that is no token" in sluice("vault", "lookup", CARD, "--role", "desk", *asked)
    lines = audit.lines(opened.settings)
    assert [(each["action"], each["granted"], each.get("role"), each.get("shown")) for each in lines] == [
        ("rotate", "yes", None, None),
        ("links", "yes", "desk", None),
        ("lookup", "yes", "desk", "ends"),
        ("lookup", "no", "others", "ends"),
        ("lookup", "no", "unheard-of", "ends"),
        ("lookup", "no", "desk", "number"),
    ]
    assert {each["made_by"] for each in lines} == {audit.login()}
    no_card_shows(opened, sluice.said)


def test_an_open_flow_decides_without_history_and_makes_up_for_it(opened: House) -> None:
    sluice, kms = Terminal(opened.file), aws.kms(opened.settings.aws)
    key = opened.settings.fraud_detection.gate.keys.kms_key_id
    key_id = kms.describe_key(KeyId=key)["KeyMetadata"]["KeyId"]
    kms.disable_key(KeyId=key_id)
    try:
        away_ms = clock_ms()
        assert until(lambda: clock_ms() > away_ms + LEASE_ENDS_MS, PATIENCE_S)
        send(opened, 4, amount_minor=90_000)
        (alone,) = decided(opened, 4)
        assert (alone["degraded"], alone["features"], alone["outcome"]) == ("keys_away", [], "review")
        assert alone["card_token"].startswith("degraded_")
        assert until(lambda: opened.count("alerts") == 1, PATIENCE_S)
        assert alone["decision_id"] in sluice("keys", "degraded", "list")
        assert "AWS does not give the token keys" in sluice("keys", "degraded", "retokenise")
    finally:
        kms.enable_key(KeyId=key_id)
    assert "1  can be sent again" in sluice("keys", "degraded", "retokenise", "--dry-run")
    assert until(lambda: "1  sent again" in sluice("keys", "degraded", "retokenise"), PATIENCE_S)
    assert until(lambda: "degraded" not in decided(opened, 4)[0], PATIENCE_S)
    (again,) = decided(opened, 4)
    assert (again["features"][COUNT_7D], again["outcome"]) == (4, "block")  # beside its history more rules hold
    assert "1  sent again before" in sluice("keys", "degraded", "retokenise")
    assert "0 not sent again" in sluice("keys", "degraded", "list")
    no_card_shows(opened, sluice.said)


def test_a_held_flow_decides_on_nothing_until_there_are_keys(stack: Stack) -> None:
    base = with_keys(stack.settings, file=stack.home / "keys" / "held.key", when_down="hold")
    with running(stack, "held", [JOB], base=base) as house:
        send(house, 1)
        decided(house, 1)
        file = settings_named("held", base).fraud_detection.gate.keys.file
        away = file.rename(file.with_suffix(".away"))
        begun_ms = clock_ms()
        assert until(lambda: clock_ms() > begun_ms + LEASE_ENDS_MS, PATIENCE_S)
        send(house, 2)
        assert until(lambda: house.restarted(JOB.name, begun_ms), PATIENCE_S)
        trouble = stack.flink.jobs.trouble(house.ids[JOB.name])
        assert "no decision for 5 s" in trouble
        assert "when_down is hold" in trouble
        assert house.count("decisions") == 1
        away.rename(file)
        (late,) = decided(house, 2)
        assert late["features"][COUNT_7D] == 2
        no_card_shows(house, trouble)
