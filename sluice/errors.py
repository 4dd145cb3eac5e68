"""What goes wrong in a way that a person can put right."""

from __future__ import annotations


class SluiceError(Exception):
    """The message says what is wrong, where, and what to do; the command line prints it alone, without a traceback."""
