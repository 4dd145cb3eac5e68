"""`sluice status`: what runs, how far behind it is, and how fresh each place."""

from __future__ import annotations

from rich.console import Console
from rich.table import Table

from localstack.stack import Stack
from sluice import nightly, settings, state_of_things, warehouse
from sluice.commands.options import SettingsFile
from sluice.readable import counted
from udfs.times import clock_ms
from udfs.wording import duration


def _ago(now_ms: int, then_ms: int | None) -> str:
    return "-" if then_ms is None else f"{duration(max(now_ms - then_ms, 0))} ago"


def _jobs(values: settings.Settings, now_ms: int) -> Table:
    table = Table("job", "state", title="Jobs", title_justify="left", box=None, header_style="bold")
    table.add_column("lag", justify="right")
    table.add_column("last checkpoint", justify="right")
    table.add_column("its size", justify="right")
    table.add_column("failed", justify="right")
    for job in state_of_things.jobs(values):
        size = "-" if job.checkpoint_bytes is None else f"{job.checkpoint_bytes / 1_048_576:,.1f} MiB"
        state = f"[green]{job.state}[/]" if job.state == "RUNNING" else f"[yellow]{job.state}[/]"
        behind = "-" if job.lag is None else f"{job.lag:,}"
        table.add_row(job.name, state, behind, _ago(now_ms, job.checkpoint_ms), size, f"{job.failed_checkpoints:,}")
    return table


def _freshness(values: settings.Settings, now_ms: int) -> Table:
    table = Table("place", "newest row", title="Freshness", title_justify="left", box=None, header_style="bold")
    for each in state_of_things.freshness(values):
        table.add_row(each.place, f"[yellow]{each.trouble}[/]" if each.trouble else _ago(now_ms, each.newest_ms))
    return table


def _books(console: Console, values: settings.Settings) -> None:
    """The newest day that was reported on, and every day that is blocked."""
    if not values.warehouse.database.exists():
        return
    with warehouse.opened(values.warehouse.database) as connection:
        latest = nightly.latest(connection)
    for each in latest:
        if each.outcome == nightly.BLOCKED:
            words = f"[red]{each.booking_date} is blocked by {counted(each.findings, 'findings')}[/]"
            console.print(f"[bold]Books[/]  {words}, see sluice nightly show {each.run_id}", soft_wrap=True)
        elif each is latest[-1]:
            console.print(f"[bold]Books[/]  {each.booking_date} is published")


def status(*, settings_file: SettingsFile = None) -> None:
    """Show what runs, lag, checkpoints, and the age of the newest row in each place."""
    values = settings.load(settings_file)
    console = Console()
    processes = Stack(values).processes.names()
    if not processes:
        console.print("No local server runs. [bold]sluice up[/] starts them.")
        _books(console, values)
        return
    console.print(f"[bold]Servers[/]  {', '.join(processes)}\n")
    _books(console, values)
    now_ms = clock_ms()
    console.print(_jobs(values, now_ms))
    console.print("[dim]Lag counts messages that no completed checkpoint covers yet.[/]\n")
    console.print(_freshness(values, now_ms))
