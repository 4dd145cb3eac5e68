"""The receivers of the settings, and the way to each."""

from __future__ import annotations

import os
from collections.abc import Callable, Collection

from jobs.alert_delivery.mail import EmailChannel
from jobs.alert_delivery.sns import SnsChannel
from jobs.alert_delivery.webhook import WebhookChannel
from sluice import aws
from sluice.errors import SluiceError
from sluice.settings import Settings
from udfs.checked_yaml import WrongFileError
from udfs.delivery import receivers
from udfs.delivery.attempts import Channel
from udfs.delivery.receivers import AnyReceiver, Email, Sns
from udfs.patterns import file as patterns_file
from udfs.rules import file as rules_file


class ReceiversError(SluiceError):
    """The receivers can't be told anything."""


def known_rules(settings: Settings) -> Collection[str]:
    """The names that alerts may carry: rules of all versions, and patterns. Raises WrongFileError."""
    rules = {rule.id for version in rules_file.load(settings.fraud_detection.rules) for rule in version.rules}
    return rules | patterns_file.load(settings.fraud_patterns.patterns).keys()


def read(settings: Settings) -> tuple[AnyReceiver, ...]:
    """The receivers' file, checked. Raises ReceiversError."""
    try:
        return receivers.load(settings.alert_delivery.receivers, known_rules(settings))
    except WrongFileError as error:
        raise ReceiversError(str(error)) from error


def channel(receiver: AnyReceiver, settings: Settings, now_ms: Callable[[], int]) -> Channel:
    """The way to `receiver`, with its secret. Raises ReceiversError where that is missing."""
    if isinstance(receiver, Sns):
        return SnsChannel(receiver, aws.sns(settings.aws))
    try:
        if isinstance(receiver, Email):
            login = receiver.login
            password = None if login is None else receivers.reveal(login.password, receiver.name, dict(os.environ))
            return EmailChannel(receiver, password, now_ms)
        return WebhookChannel(receiver, receivers.reveal(receiver.secret, receiver.name, dict(os.environ)), now_ms)
    except WrongFileError as error:
        raise ReceiversError(str(error)) from error
