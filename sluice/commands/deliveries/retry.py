"""`sluice deliveries retry`: what was refused, once more."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Any

import orjson
import typer

from jobs.alert_delivery import books, channels
from jobs.alert_delivery.channels import ReceiversError
from sluice import kafka, settings
from sluice.commands.options import SettingsFile
from sluice.feed.times import duration
from sluice.readable import counted
from udfs.delivery.attempts import Channel, Outcome, Verdict
from udfs.delivery.messages import message
from udfs.delivery.receivers import AnyReceiver
from udfs.times import clock_ms


def _chosen(dead: Sequence[books.Delivery], ids: Sequence[str], receiver: str | None) -> list[books.Delivery]:
    chosen = [each for each in dead if receiver in {None, each["receiver"]}]
    for start in ids:
        number = sum(each["delivery_id"].startswith(start) for each in chosen)
        if number != 1:
            raise ReceiversError(f"{counted(number, 'refused messages')} of that choice begin with {start!r}")
    return [each for each in chosen if not ids or any(each["delivery_id"].startswith(start) for start in ids)]


def _again(
    values: settings.Settings, entry: books.Delivery, ways: dict[str, tuple[AnyReceiver, Channel]]
) -> books.Delivery | str:
    """The new record of the books, or why there is none."""
    if entry["receiver"] not in ways:
        return f"there is no receiver {entry['receiver']} any more"
    receiver, channel = ways[entry["receiver"]]
    at = entry["source_partition"], entry["source_offset"]
    found = list(kafka.read_at(values.kafka.bootstrap, values.kafka.topics.episodes, [at]))
    if not found:
        return "Kafka has deleted what it was made of; `sluice alerts` may still know its alerts"
    version: dict[str, Any] = orjson.loads(found[0].value)
    told = message(version, receiver)
    if told is None or told.key != entry["delivery_id"]:
        return f"receiver {receiver.name} does not want it any more"
    tried_ms = clock_ms()
    answer = channel.send(told)
    verdict = Verdict.DELIVERED if answer.verdict is Verdict.DELIVERED else Verdict.REFUSED
    return books.entry(told, receiver.name, Outcome(verdict, answer.words, 1, tried_ms, clock_ms()), at)


def retry(
    *,
    ids: Annotated[
        list[str] | None,
        typer.Argument(metavar="[ID]...", help="As `sluice deliveries list` shows them, or their start; else all."),
    ] = None,
    receiver: Annotated[str | None, typer.Option("--receiver", help="Only what this receiver refused.")] = None,
    last: Annotated[str, typer.Option("--last", help="How far to look back: 30m, 24h, 7d.")] = "7d",
    settings_file: SettingsFile = None,
) -> None:
    """Send refused messages once more, under the same keys."""
    values = settings.load(settings_file)
    dead = [each for each in books.since(values, duration(last, "--last")) if each["state"] == "refused"]
    chosen = _chosen(dead, ids or [], receiver)
    names = {each["receiver"] for each in chosen}
    known = [each for each in channels.read(values) if each.name in names]
    ways = {each.name: (each, channels.channel(each, values, clock_ms)) for each in known}
    delivered = 0
    with kafka.telling_sender(values.kafka.bootstrap) as send:
        for each in chosen:
            made = _again(values, each, ways)
            if isinstance(made, str):
                typer.echo(f"{each['delivery_id']}  left: {made}")
                continue
            send(values.kafka.topics.deliveries, made["receiver"].encode(), orjson.dumps(made))
            delivered += made["state"] == "delivered"
            typer.echo(f"{made['delivery_id']}  {made['state']}  {made['reason'] or made['subject']}")
    typer.echo(f"{delivered:,} of {counted(len(chosen), 'refused messages')} delivered")
