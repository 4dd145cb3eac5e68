"""`sluice alerts`: what fraud operations look at first."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Annotated, Any

import orjson
import typer
from rich.console import Console
from rich.text import Text

from sluice import kafka, settings
from sluice.commands.options import SettingsFile
from sluice.errors import SluiceError
from sluice.feed import times
from sluice.hot_state import HotState, severities
from sluice.readable import counted, money, short_token, utc
from udfs.times import parse_ms

_REMEMBERED = 10_000
COLOURS = {"low": "cyan", "medium": "yellow", "high": "red", "critical": "bold white on red"}


class AlertsError(SluiceError):
    """The alerts can't be shown as asked."""


def lines(alert: dict[str, Any], known_ms: int) -> Text:
    """One alert on two lines, and one more for each customer event and each transaction that it carries.

    `known_ms` is when it could be known, in ms since 1970.
    """
    amount = money(alert["amount_minor"], alert["currency"])
    waited = known_ms - (parse_ms(alert["ingested_at"]) or known_ms)
    parts = (
        Text(utc(alert["event_time"])),
        Text(f"{alert['severity']:<8}", style=COLOURS.get(alert["severity"], "")),
        Text(f"{alert['outcome']:<6}", style="bold"),
        Text(f"{amount} at {alert['merchant_id']}, {alert['country']}; customer {alert['customer_id']}"),
        Text(f"{waited:,} ms", style="dim"),
    )
    card = Text(f"{short_token(alert['card_token']):<23}  ", style="dim")
    told = [_done(each) for each in alert.get("customer_events") or ()]
    told += [_matched(each) for each in alert.get("transactions") or ()]
    matched = (Text(f"{'':25}{each}", style="dim") for each in told)
    return Text("\n").join([Text("  ").join(parts), card + Text(alert["text"], style="default"), *matched])


def _done(event: dict[str, Any]) -> str:
    what = [event["kind"].replace("_", " "), event.get("changed_field"), event.get("device_id")]
    return f"{utc(event['event_time'])}  {', '.join(each for each in what if each)}"


def _matched(transaction: dict[str, Any]) -> str:
    amount = money(transaction["amount_minor"], transaction["currency"])
    where = f"{transaction['merchant_id']}, {transaction['country']}"
    return f"{utc(transaction['event_time'])}  {amount} at {where}, {transaction['channel']}"


def _show_known(console: Console, hot: HotState, severity: str, last: str, limit: int) -> None:
    since = datetime.now(UTC) - times.duration(last, "--last")
    found = hot.alerts(severity, since, limit)
    if not found:
        older = hot.alerts(severity, None, 1)
        hint = f"the newest is of {utc(older[0]['event_time'])}; try a longer --last" if older else "nor any older"
        console.print(f"no alert of severity {severity} or graver in the last {last} of event time; {hint}")
        return
    for alert in found:
        console.print(lines(alert, parse_ms(alert["decided_at"]) or 0), soft_wrap=True)
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
    kafka.end_offsets(values.kafka.bootstrap, values.kafka.topics.alerts)
    console.print("Waiting for alerts; ms from ingestion to the alert in Kafka; Ctrl-C ends it.", style="dim")
    for alert, appended_ms in fresh(kafka.follow(values.kafka.bootstrap, values.kafka.topics.alerts), severity):
        console.print(lines(alert, appended_ms), soft_wrap=True)


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
