"""The verbs of partners' files, as a person calls them."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml
from typer.testing import CliRunner

from sluice import cli
from sluice.settings import Settings
from tests.jobs.partner_files.partner import FEED, HEADER, NAME, Partner, csv, row, serving


@pytest.fixture
def house(tmp_path: Path) -> Iterator[tuple[Partner, Path]]:
    with serving(tmp_path) as (partner, settings):
        yield partner, written(settings, tmp_path / "sluice.yaml")


def written(settings: Settings, file: Path) -> Path:
    sections = settings.model_dump(mode="json", include={"partner_files", "warehouse"})
    file.write_text(yaml.safe_dump(sections), encoding="utf-8")
    return file


def said(settings: Path, *words: str, code: int = 0) -> str:
    arguments = ["partner-files", *words, "--settings", str(settings)]
    result = CliRunner().invoke(cli.application(arguments), arguments)
    if code == 0 and result.exception is not None:
        raise result.exception
    assert result.exit_code == code, result.output
    return result.output + (str(result.exception) if result.exception else "")


def test_fetch_list_and_retry(house: tuple[Partner, Path]) -> None:
    partner, settings = house
    assert "no file has come yet" in said(settings, "list")
    partner.sends(csv([f"{row(1)},4111111111111111"], f"{HEADER},pan"))
    partner.sends(csv([row(1)], HEADER.replace("note", "remark")), "chargebacks_2026-11-23.csv.age")
    first = said(settings, "fetch")
    assert f"{NAME}  1 row, 1 of them new; removed: pan" in first
    assert "columns_differ" in first
    assert "remark is not in the contract" in first
    assert f"{FEED}: 2 new files, 0 known, 0 waiting" in first
    assert f"{FEED}: 0 new files, 2 known, 0 waiting" in said(settings, "fetch", FEED)
    assert "2 files: 1 loaded, 1 quarantined" in said(settings, "list")
    amiss = said(settings, "list", "--amiss", FEED)
    assert NAME not in amiss
    assert "  + remark  unexpected" in amiss
    held = amiss.splitlines()[1].split()[-3]
    assert len(held) == 32
    assert "columns_differ" in said(settings, "retry", held)
    assert "0 held-back files have an id that begins with 'zz'" in said(settings, "retry", "zz", code=1)


def test_a_feed_that_fails_or_is_not_there(house: tuple[Partner, Path]) -> None:
    _, settings = house
    assert "there is no feed other in partner_files.feeds, but acquirer" in said(settings, "fetch", "other", code=1)
    values = yaml.safe_load(settings.read_text(encoding="utf-8"))
    values["partner_files"]["feeds"][FEED]["folder"] = "nowhere"
    settings.write_text(yaml.safe_dump(values), encoding="utf-8")
    failed = said(settings, "fetch", code=1)
    assert "No such file" in failed
    assert "not all is done for acquirer" in failed
    values["partner_files"]["feeds"] = {}
    settings.write_text(yaml.safe_dump(values), encoding="utf-8")
    assert "no feed is set" in said(settings, "fetch", code=1)
