"""`sluice nightly approve`: publish a day in spite of what was found."""

from __future__ import annotations

from typing import Annotated

from jobs.nightly_reporting import main
from jobs.nightly_reporting.publish import Approval
from sluice import settings
from sluice.commands.nightly.shown import Day, day_of, end
from sluice.commands.options import SettingsFile
from sluice.keys.audit import login
from sluice.quarantine.options import Why


def approve(*, day: Day, why: Annotated[str, Why], settings_file: SettingsFile = None) -> None:
    """Let the findings of a day's last run pass, under your login; only if books and findings are still the same."""
    end(main.run(settings.load(settings_file), day_of(day), Approval(login(), why)))
