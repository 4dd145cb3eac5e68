"""The service `alert_delivery`: tells each receiver of the alerts that it wants, each in a thread of its own."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Sequence

from jobs.alert_delivery import channels
from jobs.alert_delivery.outbox import LostPositionError, Outbox
from sluice.errors import SluiceError
from sluice.settings import Settings
from udfs.delivery.attempts import Channel
from udfs.delivery.receivers import AnyReceiver
from udfs.times import clock_ms

_AGAIN_S = 5.0
_log = logging.getLogger(__name__)

Ways = Sequence[tuple[AnyReceiver, Channel]]


def ways(settings: Settings) -> Ways:
    """Each receiver with the way to it. Raises ReceiversError before anything is sent."""
    return [(each, channels.channel(each, settings, clock_ms)) for each in channels.read(settings)]


def run(settings: Settings, told: Ways, stop: threading.Event) -> None:
    """Deliver until `stop` is set. Raises SluiceError once all others are done, for a receiver that can't go on."""
    lost: list[str] = []
    threads = [
        threading.Thread(target=_serve, args=(settings, *each, stop, lost.append), name=each[0].name) for each in told
    ]
    for each in threads:
        each.start()
    try:
        for each in threads:
            while each.is_alive():
                each.join(0.5)
    finally:
        stop.set()
        for each in threads:
            each.join()
        for _, channel in told:
            channel.close()
    if lost:
        raise SluiceError("\n".join(lost))


def _serve(
    settings: Settings,
    receiver: AnyReceiver,
    channel: Channel,
    stop: threading.Event,
    lost: Callable[[str], None],
) -> None:
    """One receiver: whatever happens to it touches no other, and all but a lost position is tried again."""
    while not stop.is_set():
        try:
            Outbox(settings, receiver, channel, stop).run()
        except LostPositionError as error:
            _log.error("%s", error)
            lost(str(error))
            return
        except Exception:  # noqa: BLE001 - Kafka away, above all
            _log.warning("%s: begins anew in %.0f s", receiver.name, _AGAIN_S, exc_info=True)
            stop.wait(_AGAIN_S)
