"""A clock that only waiting moves, a receiver that answers as told, and versions of episodes."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from tests.jobs.hot_state.samples import TOKEN, alert
from udfs.delivery.attempts import Answer, Verdict
from udfs.delivery.messages import Message
from udfs.delivery.receivers import Webhook

START_MS = 1_767_604_800_000


class FakeTime:
    def __init__(self) -> None:
        self.ms = START_MS
        self.stop_at_ms: int | None = None

    def now_ms(self) -> int:
        return self.ms

    def wait(self, seconds: float) -> bool:
        self.ms += max(1, round(seconds * 1_000))
        return self.stop_at_ms is not None and self.ms >= self.stop_at_ms


class FakeReceiver:
    """Answers by `answer`, a function of the time since the start in seconds and of the message."""

    def __init__(self, time: FakeTime, answer: Callable[[float, Message], Answer]) -> None:
        self._time = time
        self._answer = answer
        self.tried: list[tuple[float, str]] = []
        self.taken: list[tuple[float, str]] = []

    def send(self, message: Message) -> Answer:
        at_s = (self._time.ms - START_MS) / 1_000
        self.tried.append((at_s, message.key))
        answer = self._answer(at_s, message)
        if answer.verdict is Verdict.DELIVERED:
            self.taken.append((at_s, message.key))
        return answer

    def close(self) -> None:
        """Nothing is open."""


def receiver(**changes: Any) -> Webhook:
    fields = {"name": "desk", "kind": "webhook", "url": "https://desk.example/alerts", "secret": {"env": "SECRET"}}
    return Webhook.model_validate(fields | changes)


def version(change: str = "opened", number: int = 1, **changes: Any) -> dict[str, Any]:
    own: dict[str, Any] = {"alert": alert(alert_id=f"a-{number}")}
    if change == "closed":
        own = {"alert_ids": [f"a-{each}" for each in range(1, number + 1)], "closed_before": 0}
    return {
        "version_id": f"v-{change}-{number}",
        "episode_id": "e-1",
        "change": change,
        "number": number,
        "card_token": TOKEN,
        "customer_id": "c-1",
        "severity": "medium",
        "rules": ["high_value"],
        "opened_at": "2026-01-05T08:00:00.500Z",
        "latest_at": "2026-01-05T08:04:00.500Z",
        "amount_usd_minor": 90_000 * number,
        "changed_at": "2026-01-05T09:20:00.031Z",
        **own,
        **changes,
    }
