"""The code as it stands goes on from what each release has left, as if it had never stopped."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from bench.proof import checks, judge
from bench.proof.checks import Check
from bench.proof.found import Found, gather
from bench.proof.house import House, running
from localstack.stack import Stack
from sluice.flink_jobs import named
from tests.end_to_end import savepoints
from tests.oracle import Answer, answer

DECIDING = named("fraud_detection")
At = tuple[int, int]

each_release = pytest.mark.parametrize("release", savepoints.releases())


def whole_log(release: str) -> tuple[Answer, set[At]]:
    """The oracle's answer to all of it, and where the messages behind the savepoint stand."""
    folder = savepoints.FOLDER / release
    before = savepoints.load(folder / savepoints.BEFORE)
    log = savepoints.as_log([*before, *savepoints.load(folder / savepoints.AFTER)])
    return answer(log), {(each.partition, each.offset) for each in log[len(before) :]}


def restricted(whole: Answer, places: set[At]) -> Answer:
    """What it says of the records at `places`."""
    return Answer(
        decisions=[each for each in whole.decisions if each.at in places],
        quarantined=[each for each in whole.quarantined if each.at in places],
        duplicates=[each for each in whole.duplicates if each.at in places],
    )


def test_this_release_or_one_before_has_left_a_savepoint() -> None:
    assert "0.2.0" in savepoints.releases()


@each_release
def test_what_comes_behind_the_savepoint_needs_its_state(release: str) -> None:
    """Otherwise the test below would also pass with nothing restored."""
    whole, behind = whole_log(release)
    expected = restricted(whole, behind)
    alone = answer(savepoints.as_log(savepoints.load(savepoints.FOLDER / release / savepoints.AFTER)))
    assert sum(each.first not in behind for each in expected.duplicates) >= 5
    assert sum(each.reason == "conflict" for each in expected.quarantined) >= 2
    by_id = {each.transaction["transaction_id"]: each for each in alone.decisions}
    pairs = [(each, by_id[each.transaction["transaction_id"]]) for each in expected.decisions]
    assert sum(one.features != other.features for one, other in pairs) > len(pairs) / 2
    assert any(one.outcome != other.outcome for one, other in pairs)


def judged(house: House, release: str) -> list[Check]:
    """Everything that came out since the savepoint, against the oracle's answer to the whole log."""
    whole, behind = whole_log(release)
    found: Found = gather(house)
    assert len(found.log) == len(whole.decisions) + len(whole.quarantined) + len(whole.duplicates)
    token = judge.tokeniser(house.settings.fraud_detection.gate.keys.file)
    since = replace(found, log=[each for each in found.log if (each.partition, each.offset) in behind])
    return [
        checks.one_end_each(since),
        *checks.topics_hold(since, restricted(whole, behind), token),
        *checks.alerts_hold(since, restricted(whole, behind), token),
        checks.repeats_agree(since),
    ]


@pytest.mark.servers
@pytest.mark.timeout(600)
@each_release
def test_the_job_goes_on_from_the_savepoint_of_a_release(stack: Stack, release: str, tmp_path: Path) -> None:
    settings = savepoints.with_key(stack.settings, tmp_path)
    folder = savepoints.FOLDER / release
    topic = savepoints.create_log(settings, release)
    savepoints.send(settings.kafka.bootstrap, topic, savepoints.load(folder / savepoints.BEFORE))
    states = {DECIDING.name: folder.as_uri()}
    name = savepoints.house_name(release)
    with running(stack, name, (DECIDING,), base=settings, savepoints=states) as house:
        savepoints.send(settings.kafka.bootstrap, topic, savepoints.load(folder / savepoints.AFTER))
        house.settle(240)
        assert house.checkpoints(DECIDING.name)["counts"]["restored"] == 1
        assert [each for each in judged(house, release) if not each.passed] == []
