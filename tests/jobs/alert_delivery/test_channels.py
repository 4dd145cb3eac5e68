"""What goes over the wire to each kind of receiver, and what its answers mean."""

from __future__ import annotations

from email import message_from_string, policy
from typing import Any

import orjson
import pytest
from botocore.exceptions import ClientError, EndpointConnectionError

from jobs.alert_delivery.mail import EmailChannel
from jobs.alert_delivery.sns import SnsChannel
from jobs.alert_delivery.webhook import WebhookChannel
from localstack.ports import free_port
from tests.jobs.alert_delivery.servers import desk, mail_server
from tests.udfs.delivery.fakes import START_MS, receiver, version
from udfs.delivery import signature
from udfs.delivery.attempts import Answer, Verdict
from udfs.delivery.messages import Message, message
from udfs.delivery.receivers import Email, Sns

SECRET = "hush"
ARN = "arn:aws:sns:us-east-1:000000000000:alerts"


def told() -> Message:
    found = message(version(), receiver())
    assert found is not None
    return found


def webhook(url: str, **changes: Any) -> WebhookChannel:
    return WebhookChannel(receiver(url=url, **changes), SECRET, lambda: START_MS)


def test_a_webhook_gets_signed_json_with_its_idempotency_key() -> None:
    with desk() as server:
        channel = webhook(server.url)
        assert channel.send(told()) == Answer(Verdict.DELIVERED)
        channel.close()
    ((headers, body, _),) = server.requests
    assert headers["idempotency-key"] == told().key
    assert headers["content-type"] == "application/json"
    assert orjson.loads(body)["alert"]["alert_id"] == "a-1"
    assert signature.verify(headers["sluice-signature"], body, SECRET.encode(), START_MS // 1_000)
    assert not signature.verify(headers["sluice-signature"], body, b"other", START_MS // 1_000)


@pytest.mark.parametrize(
    ("status", "headers", "verdict", "after_s"),
    [
        (204, {}, Verdict.DELIVERED, None),
        (400, {}, Verdict.REFUSED, None),
        (422, {}, Verdict.REFUSED, None),
        (302, {"Location": "/elsewhere"}, Verdict.REFUSED, None),
        (401, {}, Verdict.AGAIN, None),
        (404, {}, Verdict.AGAIN, None),
        (408, {}, Verdict.AGAIN, None),
        (429, {"Retry-After": "17"}, Verdict.AGAIN, 17),
        (429, {"Retry-After": "Mon, 05 Jan 2026 09:21:00 GMT"}, Verdict.AGAIN, 60),
        (503, {"Retry-After": "soon"}, Verdict.AGAIN, None),
        (500, {}, Verdict.AGAIN, None),
    ],
)
def test_what_a_webhook_answers(status: int, headers: dict[str, str], verdict: Verdict, after_s: float | None) -> None:
    with desk() as server:
        server.answers.append((status, headers))
        channel = webhook(server.url)
        answer = channel.send(told())
        channel.close()
    assert (answer.verdict, answer.after_s) == (verdict, after_s)
    assert len(server.requests) == 1
    assert "4111" not in answer.words
    assert verdict is Verdict.DELIVERED or answer.words == f"answered {status} no: ####"


def test_a_webhook_that_is_away_is_asked_again() -> None:
    answer = webhook(f"http://127.0.0.1:{free_port()}/").send(told())
    assert (answer.verdict, answer.words) == (Verdict.AGAIN, "no answer: NewConnectionError")


class FakeSns:
    def __init__(self, error: Exception | None = None) -> None:
        self.published: dict[str, Any] = {}
        self._error = error

    def publish(self, **arguments: Any) -> None:
        if self._error:
            raise self._error
        self.published = arguments


def sns(client: FakeSns, topic: str = ARN) -> Answer:
    return SnsChannel(Sns(name="desk", kind="sns", topic=topic), client).send(told())


def test_a_fifo_topic_is_told_what_a_repeat_is() -> None:
    client = FakeSns()
    assert sns(client, f"{ARN}.fifo").verdict is Verdict.DELIVERED
    assert client.published["MessageDeduplicationId"] == told().key
    assert client.published["MessageGroupId"] == told().card_token


@pytest.mark.parametrize(
    ("error", "verdict"),
    [
        (ClientError({"Error": {"Code": "InvalidParameter", "Message": "too long"}}, "Publish"), Verdict.REFUSED),
        (ClientError({"Error": {"Code": "Throttled", "Message": "slow down"}}, "Publish"), Verdict.AGAIN),
        (ClientError({"Error": {"Code": "NotFound", "Message": "no topic"}}, "Publish"), Verdict.AGAIN),
        (EndpointConnectionError(endpoint_url="http://x"), Verdict.AGAIN),
    ],
)
def test_what_sns_answers(error: Exception, verdict: Verdict) -> None:
    assert sns(FakeSns(error)).verdict is verdict


def email(port: int) -> EmailChannel:
    fields = {
        "name": "desk",
        "kind": "email",
        "tls": False,
        "sender": "sluice@bank.example",
        "to": ["ops@bank.example"],
    }
    return EmailChannel(Email.model_validate({**fields, "relay": f"127.0.0.1:{port}"}), None, lambda: START_MS)


def test_an_e_mail_has_an_id_that_stays() -> None:
    with mail_server() as (port, mails):
        channel = email(port)
        assert [channel.send(told()).verdict for _ in range(2)] == [Verdict.DELIVERED] * 2
    first, second = (message_from_string(each, policy=policy.default) for each in mails)
    assert first["Message-ID"] == second["Message-ID"] == f"<{told().key}@bank.example>"
    assert first["Subject"] == told().subject
    assert first["To"] == "ops@bank.example"
    assert first.get_content() == told().text


@pytest.mark.parametrize(("final", "verdict"), [("451 later", Verdict.AGAIN), ("554 spam 4111", Verdict.REFUSED)])
def test_what_a_relay_answers(final: str, verdict: Verdict) -> None:
    with mail_server(final) as (port, _):
        answer = email(port).send(told())
    assert answer.verdict is verdict
    assert "4111" not in answer.words
    assert email(free_port()).send(told()).verdict is Verdict.AGAIN
