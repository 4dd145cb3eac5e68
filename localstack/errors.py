"""What goes wrong with the local servers."""

from __future__ import annotations

from sluice.errors import SluiceError


class ServerError(SluiceError):
    """A local server could not be started or did not answer; the message names its log."""
