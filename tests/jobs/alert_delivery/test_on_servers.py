"""Episodes and their delivery on real servers."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import orjson
import pytest

from bench.proof.house import House, running
from localstack.stack import Stack
from localstack.waiting import until
from sluice import kafka
from sluice.commands.episodes import episodes
from sluice.flink_jobs import named
from tests.jobs.hot_state.samples import alert

pytestmark = pytest.mark.servers
PATIENCE_S = 120.0
CLOSED_AFTER_MINUTES = 0.1


@pytest.fixture(scope="module")
def house(stack: Stack) -> Iterator[House]:
    """The job of episodes, which close soon."""
    short = stack.settings.alert_episodes.model_copy(update={"window_minutes": CLOSED_AFTER_MINUTES})
    base = stack.settings.model_copy(update={"alert_episodes": short})
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
