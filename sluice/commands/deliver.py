"""`sluice deliver`: alerts to those who are to be told."""

from __future__ import annotations

import logging
import threading
from typing import Annotated

import typer

from jobs.alert_delivery import main
from localstack.interrupts import as_keyboard_interrupt
from sluice import kafka, settings
from sluice.commands.options import SettingsFile
from sluice.readable import counted


def deliver(
    *,
    check: Annotated[bool, typer.Option("--check", help="Only check the receivers and their secrets.")] = False,
    settings_file: SettingsFile = None,
) -> None:
    """Tell the receivers of alerts as they come, until Ctrl-C."""
    values = settings.load(settings_file)
    ways = main.ways(values)
    for receiver, _ in ways:
        route = f"{receiver.least_severity} and graver" + (
            f", only {', '.join(receiver.only)}" if receiver.only else ""
        )
        route += f", without {', '.join(receiver.without)}" if receiver.without else ""
        typer.echo(f"  {receiver.name:<16} {receiver.kind:<8} {route}; children: {receiver.children}")
    typer.echo(f"{counted(len(ways), 'receivers')} of {values.alert_delivery.receivers}")
    if check:
        return
    kafka.end_offsets(values.kafka.bootstrap, values.kafka.topics.episodes)
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(message)s", datefmt="%H:%M:%S")
    logging.getLogger("kafka").setLevel(logging.ERROR)
    logging.getLogger("botocore").setLevel(logging.WARNING)
    typer.echo("Waiting for alerts; Ctrl-C ends it, and what waits is told at the next start.")
    with as_keyboard_interrupt():
        try:
            main.run(values, ways, threading.Event())
        except KeyboardInterrupt:
            typer.echo("stopped")
