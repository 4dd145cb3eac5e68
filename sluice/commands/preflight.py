"""`sluice preflight`: whether this machine has what Sluice needs.

`make setup` runs this file by its path before any environment exists, so it imports nothing but the standard library.
"""

from __future__ import annotations

import os
import platform
import re
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

PROJECT_ROOT = Path(__file__).resolve().parent.parent.parent
JAVA_AT_LEAST = 17
# Environments 2.5 GB, jars 0.2 GB, caches of the installers 1 GB, state and messages of a demo 1 GB, and room.
FREE_GIB_AT_LEAST = 6
GIB = 1024**3


def _output(command: list[str]) -> str | None:
    """What `command` prints, or None when it is missing or fails."""
    if shutil.which(command[0]) is None:
        return None
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    return done.stdout + done.stderr if done.returncode == 0 else None


def java_version(text: str) -> int | None:
    """The major version in the output of `java -version`: 17 of "17.0.15", 8 of "1.8.0_402"."""
    found = re.search(r'version "(?:1\.)?(\d+)', text)
    return int(found.group(1)) if found else None


def _python() -> str | None:
    version = ".".join(platform.python_version_tuple()[:2])
    if version == "3.11":
        return None
    return f"Python 3.11 is needed, this is {version}: install it, or name it with make PYTHON=/path/to/python3.11"


def _java() -> str | None:
    remedy = f"install a JDK {JAVA_AT_LEAST} or later, and put its bin folder first on PATH"
    text = _output(["java", "-version"])
    version = None if text is None else java_version(text)
    if version is None:
        return f"java does not run: {remedy}"
    if version < JAVA_AT_LEAST:
        return f"java is version {version}: {remedy}"
    return None if shutil.which("javac") else f"javac is missing, this is a Java runtime only: {remedy}"


def _maven() -> str | None:
    return None if _output(["mvn", "--version"]) else "mvn does not run: install Maven 3.8 or later"


def _disk() -> str | None:
    free = shutil.disk_usage(PROJECT_ROOT).free / GIB
    if free >= FREE_GIB_AT_LEAST:
        return None
    return f"{free:.1f} GiB are free at {PROJECT_ROOT}, {FREE_GIB_AT_LEAST} are needed: free some or clone elsewhere"


def _path() -> str | None:
    # Flink's start scripts do not quote the folder of the configuration.
    if re.search(r"\s", str(PROJECT_ROOT)):
        return f"the path {PROJECT_ROOT} holds a space, which Flink's scripts cannot take: move the clone"
    return None


def _writable() -> str | None:
    return None if os.access(PROJECT_ROOT, os.W_OK) else f"{PROJECT_ROOT} cannot be written to: clone it as yourself"


CHECKS: dict[str, Callable[[], str | None]] = {
    "Python": _python,
    "JDK": _java,
    "Maven": _maven,
    "folder": _writable,
    "disk": _disk,
    "path": _path,
}
"""What is looked at, each with what tells of a problem and its remedy in one line, or None."""


def problems() -> list[str]:
    """One line for each thing that is missing, with its remedy."""
    return [problem for check in CHECKS.values() if (problem := check()) is not None]


def preflight() -> None:
    """Check that this machine has what Sluice needs."""
    found = problems()
    for problem in found:
        print(f"sluice: {problem}", file=sys.stderr)
    if found:
        sys.exit(1)
    print("Python, JDK, Maven and disk space are fine.")


if __name__ == "__main__":
    preflight()
