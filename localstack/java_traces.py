"""The cause of a failure in what Java, and Python inside it, print."""

from __future__ import annotations

CAUSED_BY = "Caused by: "
TRACEBACK = "Traceback (most recent call last)"
# Java's own account of a Python program that has failed, after the program's.
ECHO = "Python process exits with code"
# Python's accounts of a failure inside the JVM, before the JVM's.
BRIDGES = ("py4j.protocol.Py4JJavaError", "pyflink.util.exceptions.")


def innermost_cause(output: str) -> str:
    """One line: the error that ends the last Python traceback, else the innermost `Caused by`, else the first line."""
    lines = [line.strip() for line in output.splitlines() if line.strip()]
    error = _after_the_last_traceback(lines)
    if error is not None and not error.startswith(BRIDGES):
        return error
    causes = [line.removeprefix(CAUSED_BY) for line in lines if line.startswith(CAUSED_BY) and ECHO not in line]
    if causes:
        return causes[-1]
    return error or (lines[0] if lines else "no reason was given")


def _after_the_last_traceback(lines: list[str]) -> str | None:
    """The line `SomeError: …`, behind the last frame of the traceback and its source."""
    starts = [at for at, line in enumerate(lines) if TRACEBACK in line]
    if not starts:
        return None
    frames = [at for at in range(starts[-1], len(lines)) if lines[at].startswith('File "')]
    behind = lines[frames[-1] + 1 :] if frames else []
    return next((line for line in behind if _names_an_error(line)), None)


def _names_an_error(line: str) -> bool:
    name = line.partition(":")[0].rpartition(".")[2]
    return name.isidentifier() and name.endswith(("Error", "Exception", "Exit", "Interrupt"))
