"""Alerts of one card and one cause within a window become one episode: what is kept of it, and its versions.

The cause is the severity and the rules that fired together, so all alerts of an episode tell the same. Whether an alert
belongs to an episode is measured in event time, in the order in which alerts arrive: a replay gives the same episodes.
The clock only says when an episode is closed and forgotten.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable
from typing import Any, NamedTuple

import msgspec
import orjson

from contracts import reader
from udfs.contract_json import MalformedError, decoder
from udfs.times import iso_ms, parse_ms

_ID_CHARACTERS = 32
_SEPARATOR = " "


class Limits(NamedTuple):
    """How long an episode takes alerts in event time, how long it is remembered, and how many alerts it may have."""

    window_ms: int
    remember_ms: int
    most_alerts: int


class Episode(msgspec.Struct):
    """What is kept of an episode. `opened_ms` and `latest_ms` are event times, `closes_ms` and `forget_ms` the clock's.

    `closed` is how many of its alerts a closing has named.
    """

    episode_id: str
    card_token: str
    customer_id: str
    severity: str
    rules: list[str]
    opened_ms: int
    latest_ms: int
    amount_usd_minor: int
    alert_ids: list[str]
    closed: int
    closes_ms: int
    forget_ms: int

    @property
    def open(self) -> bool:
        """Whether alerts wait for its closing to be named."""
        return self.closed < len(self.alert_ids)


class Version(NamedTuple):
    """One record of the topic `episodes`."""

    key: bytes
    value: bytes


_encode: Callable[[list[Episode]], bytes] = msgspec.json.Encoder().encode
_decode: Callable[[bytes], list[Episode]] = msgspec.json.Decoder(list[Episode]).decode
_check = decoder(reader.load("alerts"))


def read(message: bytes) -> dict[str, Any]:
    """The alert of `message`, as JSON has it. Raises MalformedError where it breaks the contract `alerts`."""
    _check(message)
    alert: dict[str, Any] = orjson.loads(message)
    if parse_ms(alert["event_time"]) is None:
        raise MalformedError("breaks the contract alerts: event_time is not in UTC with milliseconds", "event_time")
    return alert


def key(message: bytes) -> str:
    """Card and cause of an alert; nothing for what is no alert."""
    try:
        alert = read(message)
    except MalformedError:
        return ""
    return _SEPARATOR.join((alert["card_token"], alert["severity"], *sorted(alert["rules"])))


class Episodes:
    """The episodes of one card and cause, as they come out of the state and go back into it as bytes."""

    def __init__(self, limits: Limits, kept: bytes | None) -> None:
        self._limits = limits
        self._known = _decode(kept) if kept else []

    def kept(self) -> bytes | None:
        """To be kept until the next call; None for nothing."""
        return _encode(self._known) if self._known else None

    def next_ms(self) -> int | None:
        """When `due` is to be called next, by the clock."""
        moments = (each.closes_ms if each.open else each.forget_ms for each in self._known)
        return min(moments, default=None)

    def add(self, alert: dict[str, Any], now_ms: int) -> list[Version]:
        """The versions that `alert` makes: none for a repeat, else it opens an episode or lets one grow."""
        if any(alert["alert_id"] in each.alert_ids for each in self._known):
            return []
        event_ms = parse_ms(alert["event_time"])
        assert event_ms is not None
        episode = self._taking(event_ms)
        change = "opened" if episode is None else "grown"
        if episode is None:
            episode = self._opened(alert, event_ms, now_ms)
            self._known.append(episode)
        if not episode.open:
            episode.closes_ms = now_ms + self._limits.window_ms
        episode.alert_ids.append(alert["alert_id"])
        episode.latest_ms = max(episode.latest_ms, event_ms)
        episode.amount_usd_minor += alert["amount_usd_minor"]
        versions = [_version(episode, change, now_ms, alert=alert)]
        if len(episode.alert_ids) >= self._limits.most_alerts:
            versions.append(_closed(episode, now_ms))
        return versions

    def due(self, now_ms: int) -> list[Version]:
        """Close what is over, and forget what has been closed for long."""
        versions = [_closed(each, now_ms) for each in self._known if each.open and each.closes_ms <= now_ms]
        self._known = [each for each in self._known if each.open or each.forget_ms > now_ms]
        return versions

    def _taking(self, event_ms: int) -> Episode | None:
        """The episode within whose window this is; else the next that was opened less than a window later."""
        window = self._limits.window_ms
        free = [each for each in self._known if len(each.alert_ids) < self._limits.most_alerts]
        within = [each for each in free if 0 <= event_ms - each.opened_ms < window]
        behind = [each for each in free if 0 < each.opened_ms - event_ms < window]
        by_time: Callable[[Episode], int] = lambda each: each.opened_ms  # noqa: E731 - used twice below
        return max(within, key=by_time, default=None) or min(behind, key=by_time, default=None)

    def _opened(self, alert: dict[str, Any], event_ms: int, now_ms: int) -> Episode:
        content = _SEPARATOR.join(("episode", alert["alert_id"]))
        return Episode(
            episode_id=_hash(content),
            card_token=alert["card_token"],
            customer_id=alert["customer_id"],
            severity=alert["severity"],
            rules=alert["rules"],
            opened_ms=event_ms,
            latest_ms=event_ms,
            amount_usd_minor=0,
            alert_ids=[],
            closed=0,
            closes_ms=now_ms + self._limits.window_ms,
            forget_ms=now_ms + self._limits.remember_ms,
        )


def _closed(episode: Episode, now_ms: int) -> Version:
    version = _version(episode, "closed", now_ms, alert_ids=episode.alert_ids, closed_before=episode.closed)
    episode.closed = len(episode.alert_ids)
    return version


def _version(episode: Episode, change: str, now_ms: int, **own: Any) -> Version:
    number = len(episode.alert_ids)
    content = (episode.episode_id, change, number, own.get("closed_before", 0))
    record = {
        "version_id": _hash(_SEPARATOR.join(map(str, content))),
        "episode_id": episode.episode_id,
        "change": change,
        "number": number,
        "card_token": episode.card_token,
        "customer_id": episode.customer_id,
        "severity": episode.severity,
        "rules": episode.rules,
        "opened_at": iso_ms(episode.opened_ms),
        "latest_at": iso_ms(episode.latest_ms),
        "amount_usd_minor": episode.amount_usd_minor,
        "changed_at": iso_ms(now_ms),
        **own,
    }
    return Version(episode.card_token.encode(), orjson.dumps(record))


def _hash(content: str) -> str:
    return hashlib.sha256(content.encode()).hexdigest()[:_ID_CHARACTERS]


def gathered(versions: Iterable[dict[str, Any]]) -> list[dict[str, Any]]:
    """Each episode as its versions tell it, in the order of their opening: its last version, with all `alerts`."""
    found: dict[str, dict[str, Any]] = {}
    for version in versions:
        known = found.setdefault(version["episode_id"], {"alerts": {}, "number": 0})
        alert = version.get("alert")
        if alert is not None:
            known["alerts"][alert["alert_id"]] = alert
        if (version["number"], version["change"] == "closed") >= (known["number"], known.get("change") == "closed"):
            known.update({name: each for name, each in version.items() if name != "alert"})
    return sorted(found.values(), key=lambda each: (each["opened_at"], each["episode_id"]))
