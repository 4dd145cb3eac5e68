"""What is there: this machine's programs, libraries and jars, as far as the checks ask for it."""

from __future__ import annotations

import platform
import re
import struct
import subprocess
import sys
from importlib import metadata, util
from pathlib import Path
from xml.etree import ElementTree as ET

from localstack import jars, native_libraries
from localstack.errors import ServerError
from localstack.flink_home import distribution
from localstack.flink_jobs import FlinkJobs
from sluice.doctor.checks import Flink, Jars, architecture_name

_POM = {"pom": "http://maven.apache.org/POM/4.0.0"}
_UNKNOWN = "?"
_ELF = {0x3E: "x86_64", 0xB7: "aarch64"}
_MACH_O = {0x01000007: "x86_64", 0x0100000C: "aarch64"}
_HEADER_BYTES = 20


def pins() -> dict[str, tuple[str, ...]]:
    """Of each profile of deploy/pom.xml whose jars are copied, what it names, as `artifact-version`."""
    root = ET.parse(jars.POM).getroot()  # noqa: S314 - a file of this project
    properties = {each.tag.rpartition("}")[2]: each.text or "" for each in root.findall("pom:properties/*", _POM)}
    found = {}
    for profile in root.iterfind("pom:profiles/pom:profile", _POM):
        name = profile.findtext("pom:id", "", _POM)
        if name not in jars.SOURCES:
            dependencies = profile.iterfind("pom:dependencies/pom:dependency", _POM)
            found[name] = tuple(_pin(each, properties) for each in dependencies)
    return found


def _pin(dependency: ET.Element, properties: dict[str, str]) -> str:
    artifact = dependency.findtext("pom:artifactId", "", _POM)
    version = dependency.findtext("pom:version", "", _POM)
    return artifact + "-" + re.sub(r"\$\{(.+?)\}", lambda found: properties[found[1]], version)


def found_jars() -> dict[str, Jars]:
    """Every set that `make setup` brings, the kernel too."""
    pinned = pins()
    return {
        profile: Jars(
            pinned.get(profile, ()),
            tuple(each.name for each in (jars.JARS / profile).glob("*.jar")),
            jars.is_up_to_date(profile),
        )
        for profile in jars.GOALS
        if profile not in jars.ON_DEMAND
    }


def connector_version() -> str:
    """Of the Kafka connector, as deploy/pom.xml pins it."""
    artifact = "flink-sql-connector-kafka-"
    return next(pin.removeprefix(artifact) for pin in pins()["flink"] if pin.startswith(artifact))


def flink(cluster: FlinkJobs | None) -> Flink:
    """Versions as they are installed, and that of the cluster, if one runs and answers."""
    root = ET.parse(jars.POM).getroot()  # noqa: S314 - a file of this project
    folder = distribution()
    brought = [*(folder / "lib").glob("flink-dist-*.jar"), *(folder / "opt").glob("flink-python-*.jar")]
    versions = sorted({each.stem.rpartition("-")[2] for each in brought})
    try:
        running = None if cluster is None else str(cluster.get("/overview")["flink-version"])
    except ServerError:
        running = None
    return Flink(
        metadata.version("apache-flink"),
        " and ".join(versions) or "none",
        root.findtext("pom:properties/pom:flink.version", _UNKNOWN, _POM),
        running,
    )


def java_architecture() -> str | None:
    """What the JVM on PATH says that it was built for; None where none runs."""
    try:
        done = subprocess.run(
            ["java", "-XshowSettings:properties", "-version"], capture_output=True, text=True, check=False
        )
    except FileNotFoundError:
        return None
    said = re.search(r"os\.arch = (\S+)", done.stderr)
    return said.group(1) if said else None


def native_code() -> dict[str, str | None]:
    """The native libraries that the jobs load into a TaskManager, and what each is built for."""
    zstd = native_libraries.folder_in_jar() and architecture_name(platform.machine())
    return {"pemja": _pemja(), "zstd": zstd}


def _pemja() -> str | None:
    """Python within the JVM."""
    spec = util.find_spec("pemja")
    folders = spec.submodule_search_locations if spec else None
    for library in Path(next(iter(folders))).glob("pemja_core*.so") if folders else ():
        return built_for(library)
    return None


def built_for(library: Path) -> str:
    """The processor of a native library, by the header of its ELF or Mach-O file."""
    with library.open("rb") as file:
        head = file.read(_HEADER_BYTES)
    if head[:4] == b"\x7fELF":
        (machine,) = struct.unpack_from("<H", head, 18)
        return _ELF.get(machine, f"ELF machine {machine}")
    magic, machine = struct.unpack_from("<II", head)
    return _MACH_O.get(machine, _UNKNOWN) if magic == 0xFEEDFACF else _UNKNOWN  # noqa: PLR2004 - 64-bit Mach-O


def python() -> str:
    """The interpreter that `python.executable` will name."""
    return f"{platform.python_version()} in {sys.prefix}"
