"""What the parts of the benchmark keep."""

from __future__ import annotations

from pathlib import Path

import pytest

from bench import kept


def test_each_part_replaces_its_own_figures_only(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(kept, "FILE", tmp_path / "build/bench.json")
    assert kept.earlier("jobs") is None
    kept.keep("jobs", {"rate": 1})
    kept.keep("peers", {"rounds": 3})
    kept.keep("jobs", {"rate": 2})
    assert (kept.earlier("jobs"), kept.earlier("peers")) == ({"rate": 2}, {"rounds": 3})
