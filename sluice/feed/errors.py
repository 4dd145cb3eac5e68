"""What can be wrong with what a person asks of the feed."""

from __future__ import annotations

from sluice.errors import SluiceError


class FeedError(SluiceError):
    """An argument, a mapping or a file cannot be used; the message says which and what to do."""
