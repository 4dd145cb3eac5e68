"""Two of the compared systems on real servers: both give the right answer, which is the same."""

from __future__ import annotations

import pytest
from rich.console import Console

from bench.peers.drain import collect
from bench.peers.house import House
from bench.peers.oracle import Answer, Oracle
from bench.peers.outputs import Outputs, Topic
from bench.peers.systems import PLAIN_LOOP, SLUICE, System
from bench.peers.traffic import messages
from localstack.stack import Stack
from sluice.kafka import BulkSender

pytestmark = [pytest.mark.servers, pytest.mark.timeout(300)]
TRANSACTIONS, CARDS = 4_000, 500
INPUT = "peers-transactions"


@pytest.fixture(scope="module")
def house(stack: Stack) -> House:
    return House(stack, Console(quiet=True))


@pytest.fixture(scope="module")
def expected(house: House) -> set[Answer]:
    """What is due for the messages that are in the topic from now on."""
    house.create_topic(INPUT)
    oracle, sender = Oracle(house.key_file), BulkSender(house.bootstrap)
    for key, value in messages(TRANSACTIONS, CARDS, seed=1):
        oracle.take(value)
        sender.send(INPUT, key, value)
    sender.close()
    return oracle.answers


@pytest.mark.parametrize("system", [SLUICE, PLAIN_LOOP], ids=lambda system: system.key)
def test_the_answer_is_the_oracles(house: House, expected: set[Answer], system: System) -> None:
    ends = house.ends(INPUT, f"peers-{system.key}")
    topic = Topic(house.bootstrap, ends.output, house.settings.kafka.partitions)
    outputs = Outputs(topic)
    try:
        system.prepare(house, ends)
        with system.running(house, ends) as running:
            collect(house, system, running, outputs, len(expected))
    finally:
        topic.close()
    assert set(outputs.appended_ms) == expected
