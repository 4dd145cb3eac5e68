"""Lays DynamoDB Local out of Maven's jars as LocalStack expects to find it, so that it downloads nothing."""

from __future__ import annotations

import platform
import shutil
import zipfile
from pathlib import Path

from localstack.errors import ServerError
from sluice.settings import PROJECT_ROOT

JARS = PROJECT_ROOT / "build/jars/dynamodb"
MAIN_CLASS = "com.amazonaws.services.dynamodbv2.local.main.ServerRunner"
NATIVE_FOLDER = "com/amazonaws/services/dynamodbv2/local/shared/access/sqlite/native"
LIBRARIES = "DynamoDBLocal_lib"
# LocalStack starts the JVM with this agent, which lifts a limit that Sluice never reaches; one without effect will do.
AGENT = "ddb-local-loader-0.1.jar"
MANIFEST_LINE_BYTES = 72


def place(root: Path) -> Path:
    """Fill LocalStack's folder below its file-system `root`; the folder. Raises ServerError when jars are missing."""
    target = root / "var/lib/localstack/lib/dynamodb-local/2"
    jars = sorted(JARS.glob("*.jar"))
    main = next((each for each in jars if each.name.startswith("DynamoDBLocal-")), None)
    agent = next((each for each in jars if each.name.startswith("byte-buddy-agent-")), None)
    if main is None or agent is None:
        raise ServerError(f"DynamoDB Local is missing in {JARS}; run make setup")
    shutil.rmtree(target, ignore_errors=True)
    libraries = target / LIBRARIES
    libraries.mkdir(parents=True)
    for jar in jars:
        if jar is not agent:
            (libraries / jar.name).symlink_to(jar)
    (target / AGENT).symlink_to(agent)
    _extract_sqlite(main, libraries)
    manifest = manifest_for([jar.name for jar in jars if jar is not agent])
    with zipfile.ZipFile(target / "DynamoDBLocal.jar", "w") as archive:
        archive.writestr("META-INF/MANIFEST.MF", manifest)
    return target


def _extract_sqlite(jar: Path, target: Path) -> None:
    """The native library of this machine: `native/<system>/<architecture>/…` inside the jar."""
    here = f"{NATIVE_FOLDER}/{_system()}/{_architecture()}/"
    with zipfile.ZipFile(jar) as archive:
        members = [each for each in archive.namelist() if each.startswith(here) and not each.endswith("/")]
        if not members:
            raise ServerError(f"DynamoDB Local has no SQLite for {_system()} on {_architecture()}; use Linux or macOS")
        for member in members:
            (target / Path(member).name).write_bytes(archive.read(member))


def _system() -> str:
    return {"Darwin": "Mac"}.get(platform.system(), platform.system())


def _architecture() -> str:
    return {"arm64": "aarch64", "AMD64": "x86_64"}.get(platform.machine(), platform.machine())


def manifest_for(jars: list[str]) -> bytes:
    """A manifest that starts DynamoDB Local with these jars, its lines folded at 72 bytes as the format demands."""
    classes = "Class-Path: " + " ".join(f"{LIBRARIES}/{jar}" for jar in jars)
    lines = ["Manifest-Version: 1.0", f"Main-Class: {MAIN_CLASS}", *_folded(classes)]
    return "".join(f"{line}\r\n" for line in [*lines, ""]).encode("ascii")


def _folded(line: str) -> list[str]:
    width = MANIFEST_LINE_BYTES - 2
    first, rest = line[:width], line[width:]
    step = width - 1
    return [first, *(" " + rest[at : at + step] for at in range(0, len(rest), step))]
