"""A receiver that takes signed JSON by HTTP POST."""

from __future__ import annotations

from collections.abc import Callable
from email.utils import parsedate_to_datetime

import urllib3

from udfs.delivery import signature
from udfs.delivery.attempts import Answer, Verdict
from udfs.delivery.messages import Message
from udfs.delivery.receivers import Webhook
from udfs.redaction import mask

IDEMPOTENCY_HEADER = "Idempotency-Key"
_FINE = range(200, 300)
_WRONG_MESSAGE = range(300, 500)
_NOT_NOW = {401, 403, 404, 407, 408, 421, 423, 425, 429}
"""Answers below 500 that are about the receiver and its access, so that they may be another one later."""
_EXCERPT_BYTES = 200


class WebhookChannel:
    """`now_ms` is the clock for the signature and for a Retry-After that is a date."""

    def __init__(self, receiver: Webhook, secret: str, now_ms: Callable[[], int]) -> None:
        self._receiver = receiver
        self._secret = secret.encode()
        self._now_ms = now_ms
        timeout = urllib3.Timeout(connect=receiver.timeout_seconds, read=receiver.timeout_seconds)
        self._pool = urllib3.PoolManager(timeout=timeout, retries=False)

    def send(self, message: Message) -> Answer:
        headers = {
            "Content-Type": "application/json",
            "User-Agent": "sluice",
            IDEMPOTENCY_HEADER: message.key,
            signature.HEADER: signature.sign(message.body, self._secret, self._now_ms() // 1_000),
        }
        try:
            response = self._pool.request(
                "POST", self._receiver.url, body=message.body, headers=headers, redirect=False, preload_content=False
            )
            excerpt = response.read(_EXCERPT_BYTES)
            response.drain_conn()
            response.release_conn()
        except (urllib3.exceptions.HTTPError, OSError) as error:
            return Answer(Verdict.AGAIN, f"no answer: {type(error).__name__}")
        if response.status in _FINE:
            return Answer(Verdict.DELIVERED)
        words = " ".join(f"answered {response.status} {mask(excerpt)}".split())
        if response.status in _WRONG_MESSAGE and response.status not in _NOT_NOW:
            return Answer(Verdict.REFUSED, words)
        return Answer(Verdict.AGAIN, words, self._asked_s(response.headers.get("Retry-After", "")))

    def close(self) -> None:
        self._pool.clear()

    def _asked_s(self, retry_after: str) -> float | None:
        """Seconds, or until a date; None for anything else."""
        if retry_after.isascii() and retry_after.isdigit():
            return float(retry_after)
        try:
            return parsedate_to_datetime(retry_after).timestamp() - self._now_ms() / 1_000
        except ValueError:
            return None
