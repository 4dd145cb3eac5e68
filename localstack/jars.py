"""Brings the jars of deploy/pom.xml to build/jars and compiles the kernel, as far as they are not there yet.

`python -m localstack.jars` does it, and with the name of a profile does that one alone. What is up to date is known by
hashes, so a second run does not even start Maven.
"""

from __future__ import annotations

import hashlib
import shutil
import subprocess
import sys
from collections.abc import Iterable
from pathlib import Path

from localstack.errors import ServerError
from sluice.settings import PROJECT_ROOT

POM = PROJECT_ROOT / "deploy/pom.xml"
JARS = PROJECT_ROOT / "build/jars"
SOURCES = {
    "kernel": PROJECT_ROOT / "udfs/kernel/src/main/java",
    "peers": PROJECT_ROOT / "bench/peers/java/src/main/java",
}
COPY = ("dependency:copy-dependencies",)
# Goal by goal: the whole life cycle would bring test and packaging plug-ins that nothing uses.
COMPILE = ("compiler:compile", "jar:jar")
GOALS = {"flink": COPY, "s3": COPY, "kafka": COPY, "dynamodb": COPY, "kernel": COMPILE, "peers": COMPILE}
ON_DEMAND = ("peers",)
ERROR_LINES = 5


def fingerprint(files: Iterable[Path], root: Path = PROJECT_ROOT) -> str:
    """One hash over the paths and the contents of `files`, in any order."""
    total = hashlib.sha256()
    for file in sorted(files):
        total.update(f"{file.relative_to(root)}\0{hashlib.sha256(file.read_bytes()).hexdigest()}\n".encode())
    return total.hexdigest()


def _sources(profile: str) -> list[Path]:
    return [POM, *SOURCES[profile].rglob("*.java")] if profile in SOURCES else [POM]


def _stamp(profile: str) -> Path:
    return JARS / f"{profile}.sha256"


def is_up_to_date(profile: str) -> bool:
    stamp = _stamp(profile)
    return (
        any((JARS / profile).glob("*.jar"))
        and stamp.exists()
        and stamp.read_text(encoding="ascii") == fingerprint(_sources(profile))
    )


def build(profile: str) -> None:
    """Fill build/jars/<profile> anew; a failure leaves the old jars. Raises ServerError with Maven's own words."""
    expected = fingerprint(_sources(profile))
    draft = JARS / f"{profile}.draft"
    shutil.rmtree(draft, ignore_errors=True)
    _run_maven(profile, draft.name)
    _stamp(profile).unlink(missing_ok=True)
    shutil.rmtree(JARS / profile, ignore_errors=True)
    draft.rename(JARS / profile)
    _stamp(profile).write_text(expected, encoding="ascii")


def _run_maven(profile: str, folder: str) -> None:
    options = ["--batch-mode", "--quiet", "--file", str(POM), "--activate-profiles", profile, f"-Dfolder={folder}"]
    try:
        done = subprocess.run(["mvn", *options, *GOALS[profile]], capture_output=True, text=True, check=False)
    except FileNotFoundError as error:
        raise ServerError("mvn is missing: install Maven 3.8 or later") from error
    if done.returncode != 0:
        lines = [line for line in (done.stdout + done.stderr).splitlines() if "ERROR" in line][:ERROR_LINES]
        raise ServerError(f"Maven could not build the {profile} jars:\n  " + "\n  ".join(lines))


def main() -> None:
    for profile in sys.argv[1:] or [each for each in GOALS if each not in ON_DEMAND]:
        if is_up_to_date(profile):
            continue
        print(f"jars: {profile}", flush=True)
        try:
            build(profile)
        except ServerError as error:
            sys.exit(f"sluice: {error}")


if __name__ == "__main__":
    main()
