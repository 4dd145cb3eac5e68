"""A receivers' file that would tell the wrong people, or nobody, is refused with its line."""

from __future__ import annotations

from pathlib import Path

import pytest

from jobs.alert_delivery import channels
from sluice.settings import Settings
from udfs.checked_yaml import WrongFileError
from udfs.delivery.receivers import FromEnvironment, FromFile, parse, reveal

RULES = {"high_value", "velocity"}
HOOK = "  - {name: desk, kind: webhook, url: 'https://desk.example/a', secret: {env: S}"


def test_the_shipped_file_is_right() -> None:
    assert [each.name for each in channels.read(Settings())] == ["fraud_desk"]


@pytest.mark.parametrize(
    ("lines", "words"),
    [
        ([HOOK + "}", HOOK + "}"], r"r\.yaml:3: there is another receiver desk"),
        ([HOOK + ", only: [high_vale]}"], r"r\.yaml:2: there is no rule or pattern 'high_vale'; use one of high_value"),
        ([HOOK + ", without: [x]}"], r"r\.yaml:2: there is no rule or pattern 'x'"),
        ([HOOK + ", least_severity: awful}"], r"r\.yaml:2: .*least_severity"),
        ([HOOK + ", secret: hush}"], r"r\.yaml:2: .*secret"),
        (["  - {name: desk, kind: fax}"], r"r\.yaml:2: .*'webhook', 'sns', 'email'"),
        (["  - {name: desk, kind: sns, topic: alerts}"], r"r\.yaml:2: .*topic"),
        (["  - {name: desk, kind: email, relay: mail, sender: a@b, to: [c@d]}"], r"r\.yaml:2: .*relay"),
    ],
)
def test_what_is_wrong_is_named_with_its_line(lines: list[str], words: str) -> None:
    with pytest.raises(WrongFileError, match=words):
        parse("\n".join(("receivers:", *lines)), "r.yaml", RULES)


def test_a_secret_comes_from_where_the_file_says(tmp_path: Path) -> None:
    file = tmp_path / "secret"
    with pytest.raises(WrongFileError, match=r"receiver desk: the file .*secret is missing or empty"):
        reveal(FromFile(file=file), "desk", {})
    file.write_text("hush\n", encoding="utf-8")
    assert reveal(FromFile(file=file), "desk", {}) == "hush"
    assert reveal(FromEnvironment(env="S"), "desk", {"S": "hush"}) == "hush"
    with pytest.raises(WrongFileError, match="receiver desk: the environment variable S is not set"):
        reveal(FromEnvironment(env="S"), "desk", {})
