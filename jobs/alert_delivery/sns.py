"""A topic of Amazon SNS as a receiver."""

from __future__ import annotations

from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from udfs.delivery.attempts import Answer, Verdict
from udfs.delivery.messages import Message
from udfs.delivery.receivers import Sns

_REFUSALS = {"InvalidParameter", "InvalidParameterValue", "ValidationError", "ParameterValueInvalid"}
_MOST_SUBJECT = 100
_ANY_CHARACTER = range(32, 127)


class SnsChannel:
    """Publishes the JSON body; subscribers may filter by the attributes. `client` is boto3's for SNS."""

    def __init__(self, receiver: Sns, client: Any) -> None:
        self._topic = receiver.topic
        self._client = client

    def send(self, message: Message) -> Answer:
        try:
            self._client.publish(**self._arguments(message))
        except ClientError as error:
            code = error.response["Error"]["Code"]
            words = f"answered {code}: {error.response['Error']['Message']}"
            return Answer(Verdict.REFUSED if code in _REFUSALS else Verdict.AGAIN, words)
        except BotoCoreError as error:
            return Answer(Verdict.AGAIN, f"no answer: {type(error).__name__}")
        return Answer(Verdict.DELIVERED)

    def close(self) -> None:
        self._client.close()

    def _arguments(self, message: Message) -> dict[str, Any]:
        """A FIFO topic drops a repeat within five minutes by itself, and keeps a card's messages in order."""
        texts = {"idempotency_key": message.key, "kind": message.kind, "severity": message.severity}
        attributes = {name: {"DataType": "String", "StringValue": value} for name, value in texts.items()}
        rules = "[" + ",".join(f'"{rule}"' for rule in message.rules) + "]"
        fifo = {"MessageDeduplicationId": message.key, "MessageGroupId": message.card_token}
        return {
            "TopicArn": self._topic,
            "Message": message.body.decode(),
            "Subject": "".join(each for each in message.subject if ord(each) in _ANY_CHARACTER)[:_MOST_SUBJECT],
            "MessageAttributes": {**attributes, "rules": {"DataType": "String.Array", "StringValue": rules}},
            **(fifo if self._topic.endswith(".fifo") else {}),
        }
