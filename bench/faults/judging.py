"""Judges what was found in a child process, so that the next case can begin meanwhile."""

from __future__ import annotations

import gc
from collections.abc import Callable, Iterable
from multiprocessing import get_context
from multiprocessing.connection import Connection

from bench.proof import checks
from bench.proof.checks import Check
from bench.proof.found import Found
from sluice.errors import SluiceError

_FORKED = get_context("fork")  # the child has what was found without a copy of it


class Judging:
    """The checks of `found`, which go on until they are asked for; the arguments are those of `checks.check`."""

    def __init__(
        self, found: Found, token: Callable[[str], str], planted: frozenset[str], written: Iterable[tuple[str, bytes]]
    ) -> None:
        self._answer, sender = _FORKED.Pipe(duplex=False)
        self._child = _FORKED.Process(target=_judge, args=(sender, found, token, planted, written), daemon=True)
        self._child.start()
        sender.close()

    def checks(self) -> list[Check]:
        """Wait for them. Raises SluiceError where the child has ended without an answer."""
        try:
            found: list[Check] = self._answer.recv()
        except EOFError:
            raise SluiceError("the judge has ended without an answer; what it printed stands above") from None
        finally:
            self._child.join()
        return found


def _judge(
    sender: Connection,
    found: Found,
    token: Callable[[str], str],
    planted: frozenset[str],
    written: Iterable[tuple[str, bytes]],
) -> None:
    gc.disable()  # millions of dictionaries live until the end; looking for cycles among them takes a fifth of the time
    sender.send(checks.check(found, token, planted, written))
