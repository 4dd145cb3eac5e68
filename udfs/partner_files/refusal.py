"""Why a partner's file is not loaded. What is told of it holds no value of its rows."""

from __future__ import annotations

from typing import NamedTuple

MOST_FINDINGS = 20


class Difference(NamedTuple):
    """A column in which a file's header differs from the contract: missing, unexpected or repeated."""

    column: str
    difference: str


class Finding(NamedTuple):
    """One cell that is not as the contract says. `line` counts from 1, the header's."""

    line: int
    column: str
    problem: str


class FileRefusedError(Exception):
    """The whole file is held back; `reason` is one of contracts/partner_files.yaml, the message says what to do."""

    def __init__(
        self, reason: str, message: str, diff: tuple[Difference, ...] = (), findings: tuple[Finding, ...] = ()
    ) -> None:
        super().__init__(message)
        self.reason = reason
        self.message = message
        self.diff = diff
        self.findings = findings
