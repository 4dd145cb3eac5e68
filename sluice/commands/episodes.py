"""`sluice episodes`: alerts as analysts read them, one line for what belongs together."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated, Any

import orjson
import typer
from rich.console import Console
from rich.text import Text

from sluice import kafka, settings
from sluice.commands.alerts import COLOURS, AlertsError
from sluice.commands.options import SettingsFile
from sluice.feed.times import duration
from sluice.hot_state import severities
from sluice.readable import counted, money, short_token, utc
from udfs import episodes as versions
from udfs import wording
from udfs.times import parse_ms


def lines(episode: dict[str, Any], *, children: bool) -> Iterator[Text]:
    """One episode on two lines, and one more for each of its alerts where `children` are asked for."""
    alerts = list(episode["alerts"].values())
    took = (parse_ms(episode["latest_at"]) or 0) - (parse_ms(episode["opened_at"]) or 0)
    span = f" within {wording.duration(took)}" if episode["number"] > 1 else ""
    facts = (
        Text(utc(episode["opened_at"])),
        Text(f"{episode['severity']:<8}", style=COLOURS.get(episode["severity"], "")),
        Text(f"{'closed' if episode['change'] == 'closed' else 'open':<6}", style="bold"),
        Text(f"{counted(episode['number'], 'alerts')}{span}, {money(episode['amount_usd_minor'], 'USD')}"),
        Text(" + ".join(episode["rules"]), style="bold"),
        Text(f"customer {episode['customer_id']}"),
    )
    yield Text("  ").join(facts)
    told = alerts[0]["text"] if alerts else "its alerts are older than what Kafka was asked for"
    yield Text(f"{short_token(episode['card_token']):<23}  ", style="dim") + Text(told, style="default")
    for each in alerts if children else ():
        amount = money(each["amount_minor"], each["currency"])
        where = f"{each['merchant_id']}, {each['country']}"
        yield Text(f"{'':25}{utc(each['event_time'])}  {amount} at {where}  {each['alert_id']}", style="dim")


def episodes(
    *,
    last: Annotated[str, typer.Option(help="How far to look back: 30m, 24h, 7d.")] = "24h",
    severity: Annotated[str | None, typer.Option(help="This severity and graver ones; all by default.")] = None,
    limit: Annotated[int, typer.Option(min=1, help="How many at most.")] = 50,
    children: Annotated[bool, typer.Option("--children", help="Show each alert of an episode.")] = False,
    settings_file: SettingsFile = None,
) -> None:
    """Show the latest episodes: alerts of one card and cause as one."""
    if severity is not None and severity not in severities():
        raise AlertsError(f"--severity {severity} is unknown; it is one of {', '.join(severities())}")
    values, console = settings.load(settings_file), Console()
    wanted = severities()[severities().index(severity or severities()[0]) :]
    records = kafka.read_last(values.kafka.bootstrap, values.kafka.topics.episodes, duration(last, "--last"))
    found = versions.gathered(map(orjson.loads, (each.value for each in records)))
    chosen = [each for each in found if each["severity"] in wanted]
    if not chosen:
        console.print(f"no episode within {last}; `sluice status` shows whether the job alert_episodes runs")
        return
    for each in chosen[-limit:][::-1]:
        for line in lines(each, children=children):
            console.print(line, soft_wrap=True)
    shown = counted(min(limit, len(chosen)), "episodes")
    console.print(f"{shown} of {len(chosen):,}, newest first; --children shows their alerts")
