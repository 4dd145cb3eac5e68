"""The JVMs get a library that this machine can load, from a place that needs no room later."""

from __future__ import annotations

import ctypes
import platform
from pathlib import Path
from zipfile import ZipFile

import pytest

from localstack.flink_home import JARS
from localstack.native_libraries import java_option, unpack_zstd


def _jar(folder: Path) -> Path:
    with ZipFile(folder / "zstd-jni-1.0.jar", "w") as jar:
        jar.mkdir("linux/amd64")
        jar.mkdir("darwin/aarch64")
        jar.writestr("linux/amd64/libzstd-jni-1.0.so", b"of Linux")
        jar.writestr("darwin/aarch64/libzstd-jni-1.0.dylib", b"of a Mac")
    return folder


def test_the_library_of_this_machine_can_be_loaded(tmp_path: Path) -> None:
    library = unpack_zstd(JARS / "flink", tmp_path / "native")
    assert library is not None
    ctypes.CDLL(str(library))


@pytest.mark.parametrize(
    ("system", "machine", "content"),
    [
        ("Linux", "x86_64", b"of Linux"),
        ("Darwin", "arm64", b"of a Mac"),
        ("Linux", "aarch64", None),
        ("Plan9", "", None),
    ],
)
def test_each_machine_has_its_own(
    system: str, machine: str, content: bytes | None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(platform, "system", lambda: system)
    monkeypatch.setattr(platform, "machine", lambda: machine)
    library = unpack_zstd(_jar(tmp_path), tmp_path / "native")
    assert (None if library is None else library.read_bytes()) == content


def test_the_option_names_the_file_where_flink_can_hand_it_on() -> None:
    assert java_option(Path("/a/libzstd.so")) == " -DZstdNativePath=/a/libzstd.so"
    assert java_option(Path("/a b/libzstd.so")) == java_option(None) == ""
