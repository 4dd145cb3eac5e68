"""`sluice nightly run`: a day's books, checked and published."""

from __future__ import annotations

from jobs.nightly_reporting import main
from sluice import settings
from sluice.commands.nightly.shown import Day, day_of, end
from sluice.commands.options import SettingsFile


def run(*, day: Day, settings_file: SettingsFile = None) -> None:
    """Check a closed day's books and publish them; where they are wrong, say what, and exit with 3."""
    end(main.run(settings.load(settings_file), day_of(day)))
