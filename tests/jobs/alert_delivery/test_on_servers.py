"""Episodes and their delivery on real servers."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any

import orjson
import pytest

from bench.proof.house import House, running
from contracts import reader
from jobs.alert_delivery import books
from jobs.alert_delivery.outbox import group_of
from localstack.ports import free_port
from localstack.stack import Stack
from localstack.waiting import until
from sluice import aws, kafka
from sluice.commands.deliveries.list import list_
from sluice.commands.deliveries.retry import retry
from sluice.commands.episodes import episodes
from sluice.flink_jobs import named
from sluice.settings import Settings
from tests.jobs.alert_delivery.servers import Desk, desk, mail_server
from tests.jobs.hot_state.samples import alert
from udfs.contract_json import decoder

pytestmark = pytest.mark.servers
PATIENCE_S = 120.0
CLOSED_AFTER_MINUTES = 0.05
EPISODES = 30
SECRET = "DESK_SECRET"


@pytest.fixture(scope="module")
def house(stack: Stack) -> Iterator[House]:
    """The job of episodes, which close soon, and the place of the receivers' file."""
    short = stack.settings.alert_episodes.model_copy(update={"window_minutes": CLOSED_AFTER_MINUTES})
    told = stack.settings.alert_delivery.model_copy(update={"receivers": stack.home / "receivers.yaml"})
    base = stack.settings.model_copy(update={"alert_episodes": short, "alert_delivery": told})
    with running(stack, "episodes", [named("alert_episodes")], base=base) as house:
        yield house


def send(house: House, *alerts: dict[str, Any]) -> None:
    sender = kafka.BulkSender(house.settings.kafka.bootstrap)
    for each in alerts:
        sender.send(house.settings.kafka.topics.alerts, each["card_token"].encode(), orjson.dumps(each))
    sender.close()


def versions(house: House) -> list[Any]:
    return [orjson.loads(each.value) for each in house.read("episodes")]


def test_an_episode_opens_at_once_and_closes_by_its_timer(house: House, capsys: pytest.CaptureFixture[str]) -> None:
    send(house, *(alert(alert_id=name) for name in ("a-1", "a-2", "a-1")))
    assert until(lambda: any(each["change"] == "closed" for each in versions(house)), PATIENCE_S)
    found = versions(house)
    assert [(each["change"], each["number"]) for each in found] == [("opened", 1), ("grown", 2), ("closed", 2)]
    assert found[-1]["alert_ids"] == ["a-1", "a-2"]
    episodes(children=True, settings_file=house.file)
    shown = capsys.readouterr().out
    assert "closed  2 alerts within 0 ms, 1,800.00 USD  high_value  customer c-1" in shown
    assert shown.count("900.00 USD at m-1, US  a-") == 2


class Queue:
    """What subscribers of an SNS topic get."""

    def __init__(self, settings: Settings) -> None:
        sns, self._sqs = aws.sns(settings.aws), aws._client("sqs", settings.aws, 1)
        self.topic: str = sns.create_topic(Name="episodes-told")["TopicArn"]
        self._url = self._sqs.create_queue(QueueName="episodes-told")["QueueUrl"]
        arn = self._sqs.get_queue_attributes(QueueUrl=self._url, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
        raw = {"RawMessageDelivery": "true"}
        sns.subscribe(TopicArn=self.topic, Protocol="sqs", Endpoint=arn, Attributes=raw)
        self.messages: dict[str, Any] = {}

    def count(self) -> int:
        """Of different messages so far."""
        found = self._sqs.receive_message(QueueUrl=self._url, MaxNumberOfMessages=10, MessageAttributeNames=["All"])
        for each in found.get("Messages", ()):
            key = each["MessageAttributes"]["idempotency_key"]["StringValue"]
            self.messages[key] = orjson.loads(each["Body"])
            self._sqs.delete_message(QueueUrl=self._url, ReceiptHandle=each["ReceiptHandle"])
        return len(self.messages)


@contextmanager
def delivering(house: House) -> Iterator[subprocess.Popen[bytes]]:
    command: list[str | Path] = [Path(sys.executable).parent / "sluice", "deliver", "--settings", house.file]
    with (house.file.parent / "deliver.log").open("ab") as log:
        process = subprocess.Popen(command, env={**os.environ, SECRET: "hush"}, stdout=log, stderr=log)
    try:
        yield process
    finally:
        process.terminate()
        assert process.wait(30) in {0, -signal.SIGKILL}


def receivers(house: House, *lines: str) -> None:
    text = "\n".join(("receivers:", *(f"  - {{{line}}}" for line in lines)))
    house.settings.alert_delivery.receivers.write_text(text, encoding="utf-8")


def begun(house: House, receiver: str, process: subprocess.Popen[bytes]) -> bool:
    """Whether what comes from now on is told to `receiver`."""
    assert process.poll() is None, "see deliver.log beside the settings"
    return bool(
        kafka.positions(house.settings.kafka.bootstrap, group_of(receiver), house.settings.kafka.topics.episodes)
    )


def opened(house: House, first: int) -> None:
    """As many episodes, each with one alert of a card of its own."""
    numbers = range(first, first + EPISODES)
    send(house, *(alert(alert_id=f"told-{each}", card_token=f"k1_{each:064x}") for each in numbers))


def alerts_of(server: Desk) -> set[str]:
    bodies = (orjson.loads(body) for _, body, status in list(server.requests) if status == 200)
    return {each["alert"]["alert_id"] for each in bodies}


def test_nothing_is_lost_though_receivers_and_the_service_fail(
    house: House, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(SECRET, "hush")
    monkeypatch.setenv("COLUMNS", "300")
    queue, port = Queue(house.settings), free_port()
    hook = f"url: 'http://127.0.0.1:{port}/', secret: {{env: {SECRET}}}, most_per_second: 20"
    with mail_server() as (relay, mails):
        mail = f"relay: '127.0.0.1:{relay}', tls: false, sender: sluice@bank.example, to: [ops@bank.example]"
        receivers(
            house,
            f"name: desk, kind: webhook, {hook}",
            f"name: queue, kind: sns, topic: '{queue.topic}', most_per_second: 100",
            f"name: mail, kind: email, {mail}, only: [card_velocity], most_per_second: 100",
        )
        with delivering(house) as process:
            for name in ("desk", "queue", "mail"):
                assert until(partial(begun, house, name, process), PATIENCE_S)
            # The webhook is away; nobody else waits for it.
            opened(house, 0)
            assert until(lambda: queue.count() == EPISODES, PATIENCE_S)
            with desk(port) as server:
                server.answers += [(429, {"Retry-After": "1"}), (500, {}), (422, {})]
                assert until(lambda: len(server.keys()) >= EPISODES // 3, PATIENCE_S, pause=0.02)
                process.send_signal(signal.SIGKILL)
                process.wait(30)
                before = len(server.keys())
                assert before < EPISODES
                with delivering(house):
                    send(house, alert(alert_id="fast", rules=["card_velocity"]))
                    assert until(lambda: len(alerts_of(server)) == EPISODES, PATIENCE_S)
                    assert until(lambda: len(mails) == 1, PATIENCE_S)
                keys = server.keys()
                assert len(keys) - len(set(keys)) <= 1, "only what was under way is sent again, under its key"
                (wrong,) = server.keys(422)
                assert server.keys(429) == server.keys(500) == [wrong]
                list_(settings_file=house.file)
                shown = capsys.readouterr().out
                assert f"{wrong}  " in shown
                assert "answered 422 no: ####" in shown
                retry(settings_file=house.file)
                assert "1 of 1 refused message delivered" in capsys.readouterr().out
                assert set(server.keys()) - set(keys) == {wrong}
                assert len(alerts_of(server)) == EPISODES + 1
    records = [each.value for each in house.read("deliveries")]
    check = decoder(reader.load("deliveries"))
    assert [check(each) for each in records]
    held = books.latest(map(orjson.loads, records))
    assert {each["state"] for each in held} == {"delivered"}
    assert sum(each["receiver"] == "desk" for each in held) == len(set(server.keys()))
