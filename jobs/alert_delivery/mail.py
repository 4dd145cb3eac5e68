"""A receiver that reads e-mail, by a relay that speaks SMTP."""

from __future__ import annotations

import smtplib
import ssl
from collections.abc import Callable
from email.message import EmailMessage
from email.utils import formatdate

from udfs.delivery.attempts import Answer, Verdict
from udfs.delivery.messages import Message
from udfs.delivery.receivers import Email
from udfs.redaction import mask

_WRONG_MESSAGE = {552, 554}
"""Too large, or refused for its content; other answers are about the relay, an address or the access."""


def text_of(message: Message, receiver: Email, now_ms: int) -> EmailMessage:
    """RFC 5322, with a Message-ID made of the idempotency key; what belongs to one episode is one thread."""
    domain = receiver.sender.rpartition("@")[2]
    mail = EmailMessage()
    mail["From"] = receiver.sender
    mail["To"] = ", ".join(receiver.to)
    mail["Subject"] = message.subject
    mail["Date"] = formatdate(now_ms / 1_000)
    mail["Message-ID"] = f"<{message.key}@{domain}>"
    mail["References"] = f"<episode-{message.episode_id}@{domain}>"
    mail["Auto-Submitted"] = "auto-generated"
    mail.set_content(message.text)
    return mail


class EmailChannel:
    """A connection for each message: alerts are rare. `password` is that of the receiver's login, where it has one."""

    def __init__(self, receiver: Email, password: str | None, now_ms: Callable[[], int]) -> None:
        self._receiver = receiver
        self._password = password
        self._now_ms = now_ms

    def send(self, message: Message) -> Answer:
        host, _, port = self._receiver.relay.rpartition(":")
        mail = text_of(message, self._receiver, self._now_ms())
        try:
            with smtplib.SMTP(host, int(port), timeout=self._receiver.timeout_seconds) as relay:
                if self._receiver.tls:
                    relay.starttls(context=ssl.create_default_context())
                if self._receiver.login is not None:
                    relay.login(self._receiver.login.user, self._password or "")
                refused = relay.send_message(mail)
        except smtplib.SMTPResponseException as error:
            words = (
                error.smtp_error.decode(errors="replace") if isinstance(error.smtp_error, bytes) else error.smtp_error
            )
            wrong = error.smtp_code in _WRONG_MESSAGE and isinstance(error, smtplib.SMTPDataError)
            verdict = Verdict.REFUSED if wrong else Verdict.AGAIN
            return Answer(verdict, f"answered {error.smtp_code} {mask(words.encode())}")
        except (smtplib.SMTPException, OSError) as error:
            return Answer(Verdict.AGAIN, f"not taken: {type(error).__name__}")
        return Answer(Verdict.DELIVERED, f"{len(refused)} addresses were not taken" if refused else "")

    def close(self) -> None:
        """Nothing is open between messages."""
