"""Enrichment on servers: what was there before, what comes later, what is withdrawn, and what is broken."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from random import Random
from typing import Any

import orjson
import pytest

from bench.proof import judge
from bench.proof.house import House, running
from localstack.stack import Stack
from localstack.waiting import until
from sluice import references
from sluice.commands.reference.load import load
from sluice.commands.reference.withdraw import withdraw
from sluice.flink_jobs import named
from sluice.kafka import BulkSender
from tests.jobs.enrichment.samples import decision
from tests.oracle import references as oracle
from tests.oracle.validation import iso
from udfs.references import NAMES

pytestmark = [pytest.mark.servers, pytest.mark.timeout(600)]

JOB = named("enrichment")
SECONDS = 90.0
HOUR_MS = 3_600_000
NOW_MS = int(datetime.now(UTC).timestamp() * 1000)
MIDDLE = iso(NOW_MS - 3 * HOUR_MS)
DECIDED = 2_000


@pytest.fixture(scope="module")
def house(stack: Stack) -> Iterator[House]:
    """Without the deciding job: what it has decided is put into its topic."""
    with running(stack, "enriched", []) as house:
        yield house


def decided(house: House, *decisions: dict[str, Any]) -> None:
    with closing(BulkSender(house.settings.kafka.bootstrap)) as sender:
        for each in decisions:
            sender.send(house.settings.kafka.topics.decisions, each["card_token"].encode(), orjson.dumps(each))


def told(house: House) -> list[oracle.Told]:
    """All that stands in the topics of references."""
    return [(name, each.key or b"", each.value or None) for name in NAMES for each in house.read(name)]


def enriched(house: House) -> list[Any]:
    return [orjson.loads(each.value) for each in house.read("enriched_decisions")]


def told_of(house: House, folder: Path, table: str, *rows: str) -> None:
    """Load a file, as a person would."""
    file = folder / f"{table}.csv"
    header = ",".join(references.named(table).contract.names())
    file.write_text("\n".join((header, *rows)) + "\n", encoding="utf-8")
    load(file=file, table=table, settings_file=house.file)


def risk_at_late(house: House, number: int) -> str | None:
    """Decide on a use of the present at the merchant `late`; the risk that it is enriched with, None if it never is."""
    made = decision(DECIDED + number, NOW_MS, Random(number)) | {"merchant_id": "late", "card_token": "k_9"}
    decided(house, made)

    def found() -> list[str]:
        return [each["merchant_risk"] for each in enriched(house) if each["decision_id"] == made["decision_id"]]

    return found()[0] if until(lambda: bool(found()), SECONDS, 0.2) else None


def test_references_that_were_there_before_the_job_are_used(house: House, tmp_path: Path) -> None:
    random = Random(5)
    decisions = [decision(number, NOW_MS - random.randint(0, 6 * HOUR_MS), random) for number in range(DECIDED)]
    decided(house, *decisions)
    risks = [
        f"m-{each},{since},{risk}" for each in (0, 1, 2) for since, risk in (("2026-01-01", "low"), (MIDDLE, "high"))
    ]
    told_of(house, tmp_path, "merchant_risks", *risks)
    told_of(house, tmp_path, "customer_segments", "c-1,2026-01-01,salary", "c-2,2099-01-01,student")
    told_of(house, tmp_path, "exchange_rates", f"EUR,{MIDDLE},1.2345")
    house.ids[JOB.name] = house.stack.flink.submit(JOB.main, house.file)
    assert until(lambda: house.count("enriched_decisions") >= DECIDED, SECONDS)

    found, known = enriched(house), oracle.versions(told(house))
    assert all(each.pop("enriched_at") for each in found)
    assert sorted(found, key=lambda each: int(each["source_offset"])) == [
        each | oracle.enrichment(each, known) for each in decisions
    ]
    assert {each["merchant_risk"] for each in found} == {"low", "high", "unknown"}
    assert {each["customer_segment"] for each in found} == {"salary", "unknown"}
    assert {each["usd_rate"] for each in found if each["currency"] == "EUR"} == {"1.16", "1.2345"}


def test_late_missing_withdrawn_and_broken(house: House, tmp_path: Path) -> None:
    assert risk_at_late(house, 1) == "unknown"
    told_of(house, tmp_path, "merchant_risks", "late,2026-01-01,medium", "late,2026-02-01,high")
    assert until(lambda: house.open_messages(JOB.name) == 0, SECONDS)
    assert risk_at_late(house, 2) == "high"
    before = [each["merchant_risk"] for each in enriched(house) if each["decision_id"] == f"d-{DECIDED + 1}"]
    assert before == ["unknown"], "what was enriched stays as it was"

    topic = house.settings.kafka.topics.merchant_risks
    with closing(BulkSender(house.settings.kafka.bootstrap)) as sender:
        sender.send(topic, b"late", b'{"merchant_id":"late","valid_from":"2026-03-01T00:00:00Z","merchant_risk":"low"}')
    assert until(lambda: house.count("quarantine") > 0, SECONDS)
    (refused,) = judge.once(house.read("quarantine"), "quarantine_id")
    named_ = (refused["step"], refused["source_topic"], refused["reason"], refused["field"])
    assert named_ == ("references", topic, "bad_format", "key")

    withdraw(entity="late", table="merchant_risks", valid_from="2026-02-01", settings_file=house.file)
    versions = references.known(house.settings, references.named("merchant_risks"), "late")
    assert [each.value for each in versions] == ["medium"]
    savepoint = house.stack.flink.jobs.stop(house.ids[JOB.name])
    house.ids[JOB.name] = house.stack.flink.submit(JOB.main, house.file, savepoint)
    assert risk_at_late(house, 3) == "medium"
    assert len(enriched(house)) == DECIDED + 3
