"""What a receiver is told of a version of an episode, as data and as text."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

import orjson

from contracts import reader
from udfs.delivery.receivers import Receiver
from udfs.times import parse_ms
from udfs.wording import Wording, duration

_ID_CHARACTERS = 32
_SHORT_TOKEN = 17
_SHOWN_IDS = 50

_money = Wording(reader.currencies()).money


class Message(NamedTuple):
    """One message to one receiver. `key` is its idempotency key: the same whenever the same is told again."""

    key: str
    kind: str
    severity: str
    rules: tuple[str, ...]
    card_token: str
    episode_id: str
    alert_ids: tuple[str, ...]
    subject: str
    text: str
    body: bytes


def message(version: dict[str, Any], receiver: Receiver) -> Message | None:
    """What `receiver` is told of a record of the topic `episodes`; None for nothing.

    The first alert of an episode is told at once. The others are told each at once too, or in a summary when the
    episode closes, as the receiver wishes. Either way, each alert stands in one message to it.
    """
    if not receiver.wants(version["severity"], version["rules"]):
        return None
    if version["change"] == "closed":
        return _summary(version, receiver) if receiver.children == "summary" else None
    told = version["change"] == "opened" or receiver.children == "each"
    return _alert(version, receiver) if told else None


def _alert(version: dict[str, Any], receiver: Receiver) -> Message:
    alert = version["alert"]
    amount = _money(alert["amount_minor"], alert["currency"])
    subject = f"{_start(version)}, {amount} at {alert['merchant_id']}, {alert['country']}"
    facts = [
        ("outcome", alert["outcome"]),
        ("card", alert["card_token"]),
        ("customer", alert["customer_id"]),
        ("transaction", alert["transaction_id"]),
        ("happened", alert["event_time"]),
        ("amount", amount),
        ("merchant", f"{alert['merchant_id']}, {alert['country']}"),
        ("alert", alert["alert_id"]),
        ("episode", f"{version['episode_id']}, alert {version['number']} of it"),
    ]
    of_episode = {name: version[name] for name in ("episode_id", "change", "number")}
    return _made(
        "alert",
        version,
        receiver,
        alert["alert_id"],
        (alert["alert_id"],),
        subject,
        alert["text"],
        facts,
        {"alert": alert, "episode": of_episode},
    )


def _summary(version: dict[str, Any], receiver: Receiver) -> Message | None:
    """Of the alerts that have come since the first, or since an earlier closing."""
    told = tuple(version["alert_ids"][max(1, version["closed_before"]) :])
    if not told:
        return None
    span = duration((parse_ms(version["latest_at"]) or 0) - (parse_ms(version["opened_at"]) or 0))
    amount = _money(version["amount_usd_minor"], "USD")
    subject = f"{_start(version)}, {len(told):,} more of {version['number']:,} alerts"
    words = (
        f"{version['number']:,} alerts within {span}, {amount} in all; {len(told):,} of them are new with this message."
    )
    more = f" and {len(told) - _SHOWN_IDS:,} more" if len(told) > _SHOWN_IDS else ""
    facts = [
        ("card", version["card_token"]),
        ("customer", version["customer_id"]),
        ("first", version["opened_at"]),
        ("latest", version["latest_at"]),
        ("episode", version["episode_id"]),
        ("alerts", " ".join(told[:_SHOWN_IDS]) + more),
    ]
    episode = {name: each for name, each in version.items() if name not in {"version_id", "alert", "changed_at"}}
    return _made(
        "summary",
        version,
        receiver,
        version["version_id"],
        told,
        subject,
        words,
        facts,
        {"alert_ids": told, "episode": episode},
    )


def _start(version: dict[str, Any]) -> str:
    token = version["card_token"]
    return f"[{version['severity']}] {' + '.join(version['rules'])}: card {token[:_SHORT_TOKEN]}"


def _made(
    kind: str,
    version: dict[str, Any],
    receiver: Receiver,
    content_id: str,
    alert_ids: tuple[str, ...],
    subject: str,
    words: str,
    facts: Sequence[tuple[str, str]],
    data: dict[str, Any],
) -> Message:
    key = hashlib.sha256(f"delivery {receiver.name} {kind} {content_id}".encode()).hexdigest()[:_ID_CHARACTERS]
    whole = {"message_id": key, "kind": kind, "receiver": receiver.name, "subject": subject, **data}
    return Message(
        key=key,
        kind=kind,
        severity=version["severity"],
        rules=tuple(version["rules"]),
        card_token=version["card_token"],
        episode_id=version["episode_id"],
        alert_ids=alert_ids,
        subject=subject,
        text="\n".join((words, "", *_lines(facts))) + "\n",
        body=orjson.dumps(whole),
    )


def _lines(facts: Sequence[tuple[str, str]]) -> Iterator[str]:
    width = max(len(name) for name, _ in facts)
    return (f"{name:<{width}}  {value}" for name, value in facts)
