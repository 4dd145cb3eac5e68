"""`sluice alerts`: what fraud operations look at first."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Annotated, Any

import orjson
import typer
from kafka.errors import KafkaError
from rich.console import Console
from rich.table import Table
from rich.text import Text

from sluice import kafka, settings
from sluice.commands.options import SettingsFile
from sluice.errors import SluiceError
from sluice.feed import times
from sluice.hot_state import HotState, severities
from sluice.readable import counted, money, short_token, utc
from udfs.times import parse_ms

_REMEMBERED = 10_000
_COLOURS = {"low": "cyan", "medium": "yellow", "high": "red", "critical": "bold white on red"}
_COLUMNS = ("event time (UTC)", "severity", "outcome", "card", "customer", "amount", "merchant", "ms", "why")
_WIDTHS = (23, 8, 7, 18, 16, 18, 20, 6, 0)


class AlertsError(SluiceError):
    """The alerts can't be shown as asked."""


def cells(alert: dict[str, Any], known_ms: int) -> list[Text]:
    """One alert in the order of the columns; `known_ms` is when it could be known, in ms since 1970."""
    return [
        Text(utc(alert["event_time"])),
        Text(alert["severity"], style=_COLOURS.get(alert["severity"], "")),
        Text(alert["outcome"], style="bold" if alert["outcome"] == "block" else ""),
        Text(short_token(alert["card_token"])),
        Text(alert["customer_id"]),
        Text(money(alert["amount_minor"], alert["currency"]), justify="right"),
        Text(f"{alert['merchant_id']} {alert['country']}"),
        Text(f"{known_ms - (parse_ms(alert['ingested_at']) or known_ms):,}", justify="right"),
        Text(alert["text"]),
    ]


def _line(texts: list[Text]) -> Text:
    for text, width in zip(texts, _WIDTHS, strict=True):
        text.align(text.justify if text.justify == "right" else "left", max(width, len(text)))
    return Text("  ").join(texts)


def _show_known(console: Console, hot: HotState, severity: str, last: str, limit: int) -> None:
    since = datetime.now(UTC) - times.duration(last, "--last")
    found = hot.alerts(severity, since, limit)
    if not found:
        older = hot.alerts(severity, None, 1)
        hint = f"the newest is of {utc(older[0]['event_time'])}; try a longer --last" if older else "nor any older"
        console.print(f"no alert of severity {severity} or graver in the last {last} of event time; {hint}")
        return
    table = Table(*_COLUMNS, box=None, header_style="bold")
    for alert in found:
        table.add_row(*cells(alert, parse_ms(alert["decided_at"]) or 0))
    console.print(table)
    console.print(
        f"{counted(len(found), 'alerts')}, newest first; ms from ingestion to decision; `sluice card TOKEN` tells more"
    )


def fresh(records: Iterator[kafka.Record], severity: str) -> Iterator[tuple[dict[str, Any], int]]:
    """Each new alert of `severity` or graver once, with when Kafka appended it, in ms since 1970."""
    wanted = set(severities()[severities().index(severity) :])
    shown: OrderedDict[str, None] = OrderedDict()
    for record in records:
        alert = orjson.loads(record.value)
        if alert["severity"] in wanted and alert["alert_id"] not in shown:
            shown[alert["alert_id"]] = None
            if len(shown) > _REMEMBERED:
                shown.popitem(last=False)
            yield alert, record.timestamp_ms


def _follow(console: Console, values: settings.Settings, severity: str) -> None:
    topic, bootstrap = values.kafka.topics.alerts, values.kafka.bootstrap
    try:
        kafka.end_offsets(bootstrap, topic)
        console.print(_line([Text(name, style="bold") for name in _COLUMNS]), soft_wrap=True)
        for alert, appended_ms in fresh(kafka.follow(bootstrap, topic), severity):
            console.print(_line(cells(alert, appended_ms)), soft_wrap=True)
    except KafkaError as error:
        raise AlertsError(
            f"Kafka does not answer at {bootstrap}; start it with `sluice up`, or set kafka.bootstrap"
        ) from error


def alerts(
    *,
    follow: Annotated[bool, typer.Option("--follow", help="Show new alerts as they come, until Ctrl-C.")] = False,
    severity: Annotated[str | None, typer.Option(help="This severity and graver ones; all by default.")] = None,
    last: Annotated[str | None, typer.Option(help="Event time to look back: 30m, 1h (the default), 7d.")] = None,
    limit: Annotated[int | None, typer.Option(min=1, help="How many at most; 50 by default.")] = None,
    settings_file: SettingsFile = None,
) -> None:
    """Show the latest alerts, or follow them live."""
    if follow and (last or limit):
        raise AlertsError("--follow shows what comes from now on; leave --last and --limit out")
    least = severity or severities()[0]
    if least not in severities():
        raise AlertsError(f"--severity {severity} is unknown; it is one of {', '.join(severities())}")
    values = settings.load(settings_file)
    console = Console()
    if follow:
        _follow(console, values, least)
    else:
        _show_known(console, HotState(values), least, last or "1h", limit or 50)
