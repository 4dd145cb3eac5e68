"""What is missing on a machine is said in one line each."""

from __future__ import annotations

import shutil
from pathlib import Path
from types import SimpleNamespace

import pytest

from sluice.commands import preflight


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ('openjdk version "17.0.15" 2025-04-15', 17),
        ('openjdk version "21" 2023-09-19', 21),
        ('java version "1.8.0_402"', 8),
        ("no Java here", None),
    ],
)
def test_javas_version_is_read_in_both_spellings(text: str, expected: int | None) -> None:
    assert preflight.java_version(text) == expected


def test_too_little_disk_names_the_place_and_the_need(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shutil, "disk_usage", lambda _: SimpleNamespace(free=5.5 * preflight.GIB))
    [problem] = [each for each in preflight.problems() if "GiB" in each]
    assert problem.startswith(f"5.5 GiB are free at {preflight.PROJECT_ROOT}, 6 are needed")


def test_an_empty_path_gives_one_helpful_line_each(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(SystemExit) as ended:
        preflight.preflight()
    assert ended.value.code == 1
    assert capsys.readouterr().err.splitlines() == [
        "sluice: java does not run: install a JDK 17 or later, and put its bin folder first on PATH",
        "sluice: mvn does not run: install Maven 3.8 or later",
    ]
