"""`sluice demo`: the whole house on this machine, from an empty start to a summary."""

from __future__ import annotations

import shutil
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from localstack.interrupts import as_keyboard_interrupt
from localstack.processes import Processes
from localstack.stack import Stack
from sluice.commands.options import SettingsFile
from sluice.commands.submit import submit_all
from sluice.demo import books, picture, play, story, summary
from sluice.demo.observer import Observer
from sluice.doctor import examination
from sluice.errors import SluiceError
from sluice.flink_jobs import FLINK_JOBS, JOB_NAMES
from sluice.settings import Settings, load, with_checkpoints

RESULT = Path("build/demo.json")
CHECKPOINT_SECONDS = 10.0


def _empty(settings: Settings) -> None:
    """Remove what earlier runs left. Raises SluiceError where that might be somebody's data."""
    home, database = settings.local.home.resolve(), settings.warehouse.database.resolve()
    running = Processes(home).names()
    if running:
        raise SluiceError(f"{', '.join(running)} run already; the demo starts from nothing: sluice down first")
    if not database.is_relative_to(home):
        raise SluiceError(
            f"the demo starts with an empty warehouse, and won't touch {database}; set warehouse.database below {home}"
        )
    shutil.rmtree(home, ignore_errors=True)


def _play(settings: Settings, console: Console, seed: int) -> summary.Values:
    """Everything between a running house and the summary."""
    told, topics = story.write(datetime.now(UTC), seed), settings.kafka.topics
    of_day, of_live = told.events
    console.print(f"\n[bold]Yesterday[/]: {len(told.on_time):,} transactions, {len(told.late):,} more are held back")
    play.send_at_once(settings, topics.customer_events, of_day)
    play.send_at_once(settings, topics.transactions, told.on_time)
    play.settle(settings, console)
    before = books.load_and_report(settings, told.day)
    console.print(f"\n[bold]Now[/]: {len(told.live):,} messages in {told.live_seconds:.0f} s, some of them bad")
    observer = Observer(settings)
    try:
        play.send_at_once(settings, topics.customer_events, of_live)
        play.send_live(settings, told, observer, console)
        console.print(f"\n[bold]Late[/]: yesterday's other {len(told.late):,} transactions arrive")
        play.send_at_once(settings, topics.transactions, told.late)
        play.settle(settings, console)
        after = books.load_and_report(settings, told.day)
        books.confirm(settings, told.day, before)
        found = summary.measure(settings, told, observer)
    finally:
        observer.close()
    found["time_travel"] = books.as_json(told.day, before, after)
    picture.show(console, found)
    console.print(books.table(told.day, (("before", before), ("after", after))))
    return found


def demo(
    *,
    keep: Annotated[bool, typer.Option("--keep", help="Leave everything running at the end.")] = False,
    seed: Annotated[int, typer.Option(help="The same seed gives the same traffic, but for its time.", min=0)] = 7,
    settings_file: SettingsFile = None,
) -> None:
    """Start everything, decide on live traffic for a while, and sum up what came of it."""
    console = Console()
    # The demo waits several times until a checkpoint has covered everything.
    settings = with_checkpoints(load(settings_file), CHECKPOINT_SECONDS, *JOB_NAMES)
    started = time.monotonic()
    examination.before_submission(settings, FLINK_JOBS)
    _empty(settings)
    stack = Stack(settings, console)
    with as_keyboard_interrupt():
        try:
            console.print("[bold]Servers[/]")
            stack.start()
            console.print("[bold]Jobs[/]")
            submit_all(stack, FLINK_JOBS, console)
            found = _play(settings, console, seed)
            found["seconds"] = round(time.monotonic() - started, 1)
            summary.write(found, RESULT)
        except BaseException:
            keep = False
            raise
        finally:
            if not keep:
                with console.status("Stopping …"):
                    stack.stop()
    picture.next_steps(console, settings, RESULT, keep=keep)
