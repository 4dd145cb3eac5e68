"""What `sluice bootstrap` shows: the way back whole and on one line, whatever happens afterwards."""

from __future__ import annotations

from pathlib import Path

import pytest

from localstack.ports import on_free_ports
from sluice.bootstrap.steps import Bootstrap, Built
from sluice.commands.bootstrap import bootstrap
from sluice.errors import SluiceError
from sluice.settings import Settings, dump

WAY_BACK = f"The way back: sluice submit fraud_detection --from file:/{'long-' * 40}savepoint-[1]"


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return dump(on_free_ports(Settings(), tmp_path), tmp_path / "sluice.yaml")


def test_the_way_back_is_shown_and_then_the_end(
    file: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def run(steps: Bootstrap) -> Built:
        assert steps.settings_file == file
        steps.watch.begin("Stopping …")
        steps.watch.keep(WAY_BACK)
        steps.watch.advance(3, 9)
        return Built("id", 9, {0: 9})

    monkeypatch.setattr(Bootstrap, "run", run)
    bootstrap("fraud_detection", file)
    lines = [line.strip() for line in capsys.readouterr().out.splitlines()]
    assert f"✓ {WAY_BACK}" in lines
    assert lines[-1].startswith("✓ fraud_detection runs again after 0 s")


def test_the_way_back_stays_after_an_interrupt(
    file: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def run(steps: Bootstrap) -> Built:
        steps.watch.keep(WAY_BACK)
        raise KeyboardInterrupt

    monkeypatch.setattr(Bootstrap, "run", run)
    with pytest.raises(KeyboardInterrupt):
        bootstrap("fraud_detection", file)
    assert WAY_BACK in capsys.readouterr().out


@pytest.mark.parametrize(
    ("job", "words"),
    [("lake", "fraud_detection is the only job that can be bootstrapped"), ("lakes", "there is no job 'lakes'")],
)
def test_other_jobs_are_refused(job: str, words: str) -> None:
    with pytest.raises(SluiceError, match=words):
        bootstrap(job)
