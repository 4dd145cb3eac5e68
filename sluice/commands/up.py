"""`sluice up`: the local servers."""

from __future__ import annotations

from rich.console import Console

from localstack.stack import Stack
from sluice.commands.options import SettingsFile
from sluice.settings import load


def up(settings_file: SettingsFile = None) -> None:
    """Start Kafka, LocalStack and Flink on this machine, and leave them running."""
    console = Console()
    settings = load(settings_file)
    stack = Stack(settings, console)
    stack.start()
    console.print(f"Everything runs. Flink's page: http://127.0.0.1:{settings.local.flink_port}")
    console.print(f"Logs are in {stack.home / 'logs'}. [bold]sluice down[/] stops it.")
