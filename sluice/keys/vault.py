"""The token vault: which tokens are of one card, and, for whoever may, the card."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import orjson

from sluice import kafka
from sluice.errors import SluiceError
from sluice.keys import sources
from sluice.settings import Settings
from udfs.keys.sealed import opened

Entry = dict[str, Any]
"""A record of the contract `token_vault`."""
_MASKED = "*"
_FIRST, _LAST = 6, 4


class VaultError(SluiceError):
    """The vault can't say what it is asked."""


def entries(settings: Settings) -> Iterator[Entry]:
    """All records, of one token perhaps several."""
    found = kafka.read_all(settings.kafka.bootstrap, settings.kafka.topics.token_vault)
    return (orjson.loads(each.value) for each in found)


def find(settings: Settings, token: str) -> Entry:
    """The record of this token. Raises VaultError."""
    for each in entries(settings):
        if each["card_token"] == token:
            return each
    raise VaultError(f"the vault has no token {token}; write all of it, as a decision has it")


def links(settings: Settings, token: str) -> list[Entry]:
    """A record of each token of the card that `token` is of, oldest first. Raises VaultError."""
    of: dict[str, dict[str, Entry]] = {}
    asked = None
    for each in entries(settings):
        of.setdefault(each["linking_token"], {}).setdefault(each["card_token"], each)
        if each["card_token"] == token:
            asked = each["linking_token"]
    if asked is None:
        raise VaultError(f"the vault has no token {token}; write all of it, as a decision has it")
    return sorted(of[asked].values(), key=lambda each: str(each["seen_at"]))


def card(settings: Settings, entry: Entry) -> str:
    """The whole card number. Raises KeysError for whom the vault does not open."""
    keys = settings.fraud_detection.gate.keys
    return opened(entry, sources.vault_keys(keys, settings.vault, settings.aws).unwrap)


def ends(card_number: str) -> str:
    """As much as PCI DSS 3.4.1 lets a screen show: the first six digits and the last four."""
    hidden = len(card_number) - _FIRST - _LAST
    return card_number[:_FIRST] + _MASKED * hidden + card_number[-_LAST:]


def linking(settings: Settings) -> Callable[[str], str]:
    """From a token to that of the same card under the first key.

    The vault is read only where there was a rotation. Raises KeysError; the function raises VaultError.
    """
    first, *later = sources.ring(settings).keys
    start = f"{first.kid}_"
    known = {each["card_token"]: each["linking_token"] for each in entries(settings)} if later else {}

    def link(token: str) -> str:
        if token.startswith(start):
            return token
        if token not in known:
            raise VaultError(f"the token vault lacks {token}, so its card's history can't be built; restore the vault")
        return str(known[token])

    return link
