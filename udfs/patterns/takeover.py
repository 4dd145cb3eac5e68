"""An account that is taken over: a new device, then a changed profile, then transfers, whatever is heard of first."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from udfs.times import parse_ms

Row = Mapping[str, Any]
"""An event of a customer, which has a `kind`, or a transfer."""
_TRANSFER = "transfer"


class _Act(NamedTuple):
    """Acts compare by event time in ms, then by arrival."""

    ms: int
    arrival: int
    kind: str


def completed(heard: Sequence[Row], within_ms: int, held: int) -> list[Row]:
    """What the last of `heard` completes: transfers, and the device and the change of the profile before each, by time.

    `heard` is what a customer did, as it arrived. A transfer counts where a profile was changed before it, and a device
    added before that, no longer ago than `within_ms`, all among the latest `held`; of several the latest. Empty where
    nothing is complete that was not so before.
    """
    acts = [
        _Act(parse_ms(each["event_time"]) or 0, arrival, each.get("kind") or _TRANSFER)
        for arrival, each in enumerate(heard)
    ]
    before = _takeovers(acts[:-1][-held:], within_ms)
    now = _takeovers(acts[-held:], within_ms)
    new = {act for transfer, led in now.items() if transfer not in before for act in (*led, transfer)}
    return [heard[each.arrival] for each in sorted(new)]


def _takeovers(acts: Sequence[_Act], within_ms: int) -> dict[_Act, tuple[_Act, _Act]]:
    """Each transfer that is one, to the device and the change before it."""
    found = {}
    for transfer in acts:
        if transfer.kind != _TRANSFER:
            continue
        change = _latest(acts, "profile_changed", transfer.ms)
        device = None if change is None else _latest(acts, "device_added", change.ms)
        if change is not None and device is not None and device.ms >= transfer.ms - within_ms:
            found[transfer] = device, change
    return found


def _latest(acts: Sequence[_Act], kind: str, until_ms: int) -> _Act | None:
    return max((each for each in acts if each.kind == kind and each.ms <= until_ms), default=None)
