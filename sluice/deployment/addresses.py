"""Addresses of the settings, for jobs that run elsewhere than whoever wrote them."""

from __future__ import annotations

import re

from sluice.errors import SluiceError
from sluice.settings import Settings

_THIS_MACHINE = re.compile(r"127\.0\.0\.1|localhost|\[::1\]")


def check_addresses(settings: Settings) -> None:
    """Raise SluiceError for an address that means another machine wherever it is used."""
    for name, value in (("kafka.bootstrap", settings.kafka.bootstrap), ("aws.endpoint_url", settings.aws.endpoint_url)):
        if value and _THIS_MACHINE.search(value):
            remedy = "null for AWS itself" if name == "aws.endpoint_url" else "the brokers' addresses"
            raise SluiceError(f"{name} is {value}, which is another machine for each job: set it to {remedy}")
