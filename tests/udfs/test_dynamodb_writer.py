"""Whatever DynamoDB does, each item ends up written, overtaken by a newer one, or refused with its cause."""

from __future__ import annotations

from typing import Any

import pytest
from botocore.exceptions import EndpointConnectionError
from hypothesis import given
from hypothesis import strategies as st

from tests.udfs.dynamodb_fake import MAX_ITEM_CHARACTERS, FakeDynamo, refusal
from udfs.dynamodb_writer import FIRST_PAUSE_S, LONGEST_PAUSE_S, DynamoWriter, StoppedError
from udfs.hot_items import Put


def put(number: int, version: str | None = None, text: str = "") -> Put:
    item = {"id": {"S": f"i{number}"}, "text": {"S": text}}
    return Put("table", ("id",), item | ({"version": {"S": version}} if version else {}), number, version)


def writer_for(fake: FakeDynamo, pauses: list[float] | None = None, stop_after: int | None = None) -> DynamoWriter:
    waited = pauses if pauses is not None else []

    def wait(seconds: float) -> bool:
        waited.append(seconds)
        return stop_after is not None and len(waited) >= stop_after

    client: Any = fake
    return DynamoWriter(client, 4, wait)


def stored(fake: FakeDynamo) -> set[str]:
    return {identity for _, identity in fake.items}


@pytest.mark.parametrize("version", [None, "1"])
@given(throttle=st.sampled_from([0.0, 0.3, 0.9]), leave=st.sampled_from([0.0, 0.3, 0.9]), count=st.integers(0, 260))
def test_everything_is_written_through_throttles(
    version: str | None, throttle: float, leave: float, count: int
) -> None:
    fake = FakeDynamo(throttle, leave)
    assert writer_for(fake).write([put(number, version) for number in range(count)]) == {}
    assert stored(fake) == {f"i{number}" for number in range(count)}


def test_the_faults_of_the_fake_happen() -> None:
    fake = FakeDynamo(0.3, 0.3)
    writer_for(fake).write([put(number) for number in range(500)])
    assert fake.throttled > 0
    assert fake.left > 0


def test_full_throttling_is_waited_out_with_growing_bounded_pauses() -> None:
    fake, pauses = FakeDynamo(throttle=1, heal_after=20), list[float]()
    writer_for(fake, pauses).write([put(1)])
    assert stored(fake) == {"i1"}
    assert len(pauses) == 20
    assert pauses[0] < 4 * FIRST_PAUSE_S
    assert all(LONGEST_PAUSE_S / 2 <= pause <= LONGEST_PAUSE_S for pause in pauses[-5:])


def test_an_endpoint_that_is_away_is_waited_for() -> None:
    fake = FakeDynamo()
    faults = [EndpointConnectionError(endpoint_url="http://away"), refusal("ResourceNotFoundException")] * 3

    def away() -> None:
        if faults:
            raise faults.pop()

    fake.before = away
    assert writer_for(fake).write([put(1), put(2, "1")]) == {}
    assert stored(fake) == {"i1", "i2"}


def test_writing_can_be_stopped_while_it_waits() -> None:
    fake = FakeDynamo(throttle=1)
    with pytest.raises(StoppedError, match="still to write"):
        writer_for(fake, stop_after=3).write([put(1)])
    assert not fake.items


def test_a_write_that_is_older_changes_nothing_and_hinders_nobody() -> None:
    fake = FakeDynamo()
    writer = writer_for(fake)
    writer.write([put(1, "2", "newer")])
    assert writer.write([put(1, "1", "stale"), put(2, "1"), put(3, "1")]) == {}
    assert fake.items["table", "i1"]["text"] == {"S": "newer"}
    assert stored(fake) == {"i1", "i2", "i3"}
    assert fake.requests[1:] == [["i1", "i2", "i3"], ["i2", "i3"]]


def test_a_conflict_in_a_transaction_is_tried_again_after_a_pause() -> None:
    fake, pauses = FakeDynamo(), list[float]()
    fake.conflicts = {"i2"}
    assert writer_for(fake, pauses).write([put(1, "1"), put(2, "1")]) == {}
    assert stored(fake) == {"i1", "i2"}
    assert len(pauses) == 1


@pytest.mark.parametrize("version", [None, "1"])
@pytest.mark.parametrize("at_fault", [[0], [7, 99], list(range(40))])
def test_items_that_are_too_large_are_refused_alone(version: str | None, at_fault: list[int]) -> None:
    fake = FakeDynamo(throttle=0.3)
    large = "4111111111111111" * (MAX_ITEM_CHARACTERS // 16 + 1)
    refused = writer_for(fake).write([put(number, version, large * (number in at_fault)) for number in range(100)])
    assert sorted(refused) == at_fault
    assert all("Item size has exceeded" in cause and "table" in cause for cause in refused.values())
    assert stored(fake) == {f"i{number}" for number in range(100) if number not in at_fault}
