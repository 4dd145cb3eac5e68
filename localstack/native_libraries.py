"""The native library of zstd, unpacked before Flink starts.

By itself it is unpacked into the folder for temporary files when the first Parquet file is written. A JVM that has no
room for it at that moment never tries again: every later attempt of the job fails there, though there is room by then.
"""

from __future__ import annotations

import platform
import shutil
from pathlib import Path
from zipfile import ZipFile

_FOLDERS = {
    ("Linux", "x86_64"): "linux/amd64/",
    ("Linux", "aarch64"): "linux/aarch64/",
    ("Darwin", "x86_64"): "darwin/x86_64/",
    ("Darwin", "arm64"): "darwin/aarch64/",
}


def folder_in_jar() -> str | None:
    """Where the jar of zstd-jni has the library for this machine; None where it has none."""
    return _FOLDERS.get((platform.system(), platform.machine()))


def unpack_zstd(jars: Path, folder: Path) -> Path | None:
    """Unpack the library for this machine from the zstd-jni jar of `jars` to `folder`; its file.

    None where the jar has none for this machine: then the JVM looks for one itself.
    """
    inside = folder_in_jar()
    for jar in jars.glob("zstd-jni-*.jar") if inside else ():
        with ZipFile(jar) as archive:
            for name in archive.namelist():
                if name.startswith(f"{inside}lib"):
                    folder.mkdir(parents=True, exist_ok=True)
                    target = folder / Path(name).name
                    with archive.open(name) as source, target.open("wb") as copy:
                        shutil.copyfileobj(source, copy)
                    return target
    return None


def java_option(library: Path | None) -> str:
    """What tells the JVM where the library is; empty where that can't be told, since Flink parts options at spaces."""
    return "" if library is None or " " in str(library) else f" -DZstdNativePath={library}"
