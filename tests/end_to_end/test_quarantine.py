"""Records that were held back are listed, mended and sent again; each has one end, and no card number is shown."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
import yaml
from typer.testing import CliRunner

from bench.proof import judge, leaks
from bench.proof.house import House, running, settings_named
from localstack import flink_checkpoints
from localstack.stack import Stack
from localstack.waiting import until
from sluice import cli
from sluice.errors import SluiceError
from sluice.flink_jobs import named
from sluice.settings import Settings, dump
from tests.oracle import answer
from tests.oracle.examples import CARD, body
from tests.oracle.validation import iso

pytestmark = [pytest.mark.servers, pytest.mark.timeout(600)]

DAY_MS = 86_400_000
REASONS = ("bad_format", "prohibited_field", "too_old", "not_json")


def messages(now_ms: int) -> list[tuple[bytes, bytes]]:
    old = iso(now_ms - 10 * DAY_MS)
    changes: list[dict[str, Any]] = [{}, {"country": "Germany"}, {"cvv": "123"}, {"event_time": old}]
    bodies = [body(number, **({"event_time": iso(now_ms)} | each)) for number, each in enumerate(changes, 1)]
    return [*((b"c-1", json.dumps(each).encode()) for each in bodies), (b"c-1", b"not json " + CARD.encode())]


@pytest.fixture(scope="module")
def house(stack: Stack) -> Iterator[House]:
    with running(stack, "mended", [named("fraud_detection")]) as house:
        house.send(messages(int(datetime.now(UTC).timestamp() * 1000)))
        house.settle(300)
        yield house


class Terminal:
    """`sluice` with one settings file, and everything that it has said."""

    def __init__(self, file: Path) -> None:
        self._file = file
        self.said = ""

    def __call__(self, *arguments: str, settings_file: Path | None = None) -> str:
        whole = [*arguments, "--settings", str(settings_file or self._file)]
        result = CliRunner().invoke(cli.application(whole), whole, env={"COLUMNS": "200"})
        if result.exception is not None and not isinstance(result.exception, SluiceError):
            raise result.exception
        said = f"{result.output}{result.exception or ''}"
        self.said += said
        return said


def _id(terminal: Terminal, reason: str) -> str:
    lines = terminal("quarantine", "list", "--each", "--reason", reason).splitlines()
    return next(line.split()[0] for line in lines if f" {reason} " in f" {line} ")


def test_what_was_held_back_goes_in_again(house: House, tmp_path: Path) -> None:
    sluice = Terminal(house.file)
    listed = sluice("quarantine", "list")
    assert all(each in listed for each in ("bad_format", "prohibited_field", "too_old", "not_json"))
    country, code, old, broken = (
        _id(sluice, each) for each in ("bad_format", "prohibited_field", "too_old", "not_json")
    )

    assert "the gate would hold it back again: country ('ger') must match" in sluice(
        "quarantine", "fix", country, "--set", "country=ger", "--why", "a typing error"
    )
    assert "sent again as" in sluice(
        "quarantine", "fix", country, "--set", "country=DE", "--why", "the shop's old till"
    )
    assert "sent again as" in sluice("quarantine", "fix", code, "--remove", "cvv", "--why", "told the shop")
    assert "no JSON object with fields to mend" in sluice(
        "quarantine", "fix", broken, "--set", "country=DE", "--why", "-"
    )
    assert "--why holds digits" in sluice("quarantine", "fix", old, "--set", "country=DE", "--why", CARD)

    planned = sluice("quarantine", "replay", "--dry-run")
    assert "1  would be held back again: too_old" in planned
    assert "2  sent again before" in planned
    assert "0  can be sent again" in planned
    longer = yaml.safe_load(house.file.read_text(encoding="utf-8"))
    longer["fraud_detection"]["gate"]["max_age_days"] = 30
    wider = tmp_path / "wider.yaml"
    wider.write_text(yaml.safe_dump(longer), encoding="utf-8")
    assert "1  sent again" in sluice("quarantine", "replay", "--reason", "too_old", settings_file=wider)

    house.settle(300)
    assert "fixed (country = DE): the shop's old till" in sluice("quarantine", "show", country)
    assert "not held back again" in sluice("quarantine", "show", country)
    assert "held back again, too_old" in sluice("quarantine", "show", old)
    _each_has_one_end(house, decisions=3)
    searched = sluice.said.encode() + b"".join(each.value for each in house.read("corrections"))
    assert not leaks.found(searched, frozenset({CARD}))


def _metric(house: House, reason: str) -> float:
    """How many records the job says it has held back for `reason`, since it was started."""
    get, job = house.stack.flink.jobs.get, f"/jobs/{house.ids['fraud_detection']}"
    total = 0.0
    for vertex in get(job)["vertices"]:
        metrics = f"{job}/vertices/{vertex['id']}/subtasks/metrics"
        names = [each["id"] for each in get(metrics) if each["id"].endswith(f"reason.{reason}.quarantined")]
        total += sum(each["sum"] for name in names for each in get(f"{metrics}?get={quote(name)}"))
    return total


def test_what_is_held_back_is_counted_by_reason(house: House) -> None:
    again = json.dumps(body(1, event_time=iso(int(datetime.now(UTC).timestamp() * 1000)), amount_minor=7)).encode()
    house.send([(b"c-1", again)])
    house.settle(300)
    expected = Counter(each.reason for each in answer(house.read("transactions")).quarantined)
    assert expected["conflict"] == 1
    assert until(lambda: {each: _metric(house, each) for each in expected} == expected, 60)


def _gate(stack: Stack, **changes: float) -> Settings:
    job = stack.settings.fraud_detection
    gate = job.gate.model_copy(update=changes)
    return stack.settings.model_copy(update={"fraud_detection": job.model_copy(update={"gate": gate})})


def test_a_topic_that_is_mostly_bad_stops_the_job_which_goes_on_when_told(stack: Stack) -> None:
    job = named("fraud_detection")
    with running(stack, "flooded", [job], base=_gate(stack, bad_over_records=500)) as house:
        house.send(messages(int(datetime.now(UTC).timestamp() * 1000)))
        house.settle(300)
        house.send((b"c-%d" % number, b"noise") for number in range(5_000))
        flink, job_id = stack.flink, house.ids[job.name]
        assert flink.jobs.wait_for(job_id, ("FAILED",), 120) == "FAILED"
        assert "more than the 50 % of fraud_detection.gate.most_bad_percent" in flink.jobs.trouble(job_id)
        left = house.open_messages(job.name)
        assert left > 1_000

        patient = settings_named("flooded", _gate(stack, bad_over_records=500, most_bad_percent=100))
        newest = flink_checkpoints.retained(house.settings, job_id)[0]
        file = dump(patient, house.file.with_name("patient.yaml"))
        house.ids[job.name] = flink_checkpoints.restore(flink, job, job_id, newest, file)
        house.settle(300)
        _each_has_one_end(house, decisions=1)


def _each_has_one_end(house: House, decisions: int) -> None:
    expected = answer(house.read("transactions"))
    assert len(expected.decisions) == decisions
    token = judge.tokeniser(house.settings.fraud_detection.gate.keys.file)
    decided = judge.once(house.read("decisions"), "decision_id")
    assert judge.found_decisions(decided) == judge.expected_decisions(expected, token)
    quarantine = judge.once(house.read("quarantine"), "quarantine_id")
    assert judge.found_quarantine(quarantine) == judge.expected_quarantine(expected)
