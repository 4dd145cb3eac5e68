"""A savepoint that a release has left, held against the deciding job as it stands and as somebody might change it."""

from __future__ import annotations

from pathlib import Path

import pytest

from bench.faults import altered
from bench.faults.case import Changes
from bench.faults.cases import upgrades
from jobs.fraud_detection import main
from localstack.errors import ServerError
from localstack.ports import on_free_ports
from sluice.commands.check_upgrade import check_upgrade, findings
from sluice.errors import SluiceError
from sluice.flink_jobs import named
from sluice.settings import Settings, dump
from sluice.upgrades import savepoint
from sluice.upgrades.comparison import Verdict
from tests.end_to_end import savepoints

DECIDING = named("fraud_detection")
RELEASE = savepoints.FOLDER / savepoints.releases()[-1]
RENAMED: Changes = (("uid => 'profiled'", "uid => 'profiles'"),)
BY_TEXT: Changes = (
    (
        "number_at(part(gated, $facts), $card_bucket) as",
        "cast(number_at(part(gated, $facts), $card_bucket) as string) as",
    ),
)
Found = dict[str, tuple[Verdict, str]]


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return savepoints.with_key(on_free_ports(Settings(), tmp_path), tmp_path)


def found(settings: Settings) -> Found:
    return {each.operator: (each.verdict, each.words) for each in findings(DECIDING, settings, RELEASE.as_uri())}


def change(changes: Changes, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The deciding job has `changes` in its SQL from now on."""
    altered.programs({DECIDING.name: changes}, folder / "altered")
    monkeypatch.setattr(main, "SQL", folder / "altered" / DECIDING.name / "sql" / DECIDING.name)


def test_the_savepoint_is_read_with_names_keys_and_values() -> None:
    operators = {each.uid or each.name: each for each in savepoint.read(RELEASE.as_uri())}
    history = operators["profiled"]
    assert [(each.name, each.kind, each.schema and each.schema.words) for each in history.states] == [
        ("histories", "map", "BIGINT to BYTES")
    ]
    assert history.key is not None
    assert history.key.words == "ROW<BIGINT>"
    assert history.max_parallelism == 128
    assert history.size > 10_000
    source = operators["gate_source"]
    assert [each.name for each in source.states] == ["SourceReaderState"]


@pytest.mark.parametrize("release", savepoints.releases())
def test_the_code_as_it_stands_takes_over_what_a_release_has_left(release: str, settings: Settings) -> None:
    results = findings(DECIDING, settings, (savepoints.FOLDER / release).as_uri())
    carried = {each.operator for each in results if each.verdict is Verdict.CARRIED}
    assert carried >= {"seen", "profiled", "gate_source"}
    assert not [each for each in results if each.verdict.breaks]


@pytest.mark.parametrize("release", sorted(savepoints.GIVEN_UP))
def test_what_a_release_has_left_in_another_layout_is_given_up_aloud(
    release: str, settings: Settings, tmp_path: Path
) -> None:
    file = dump(settings, tmp_path / "sluice.yaml")
    with pytest.raises(SluiceError, match=r"^3 lost: .*sluice bootstrap fraud_detection$"):
        check_upgrade(DECIDING.name, str(savepoints.FOLDER / release), file)


def test_another_uid_is_named(settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    change(RENAMED, tmp_path, monkeypatch)
    results = found(settings)
    assert results["seen"][0] is Verdict.CARRIED
    verdict, words = results["profiled"]
    assert verdict is Verdict.MOVED
    assert "its uid has become 'profiles', which begins empty (histories, " in words


def test_another_key_is_named(settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    change(BY_TEXT, tmp_path, monkeypatch)
    verdict, words = found(settings)["profiled"]
    assert verdict is Verdict.CHANGED
    assert words.startswith("saved by a key of ROW<BIGINT>, but the job has a key of ROW<STRING")


def test_more_columns_or_state_lose_nothing(
    settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    change((*upgrades.COLUMN, *upgrades.STATE), tmp_path, monkeypatch)
    results = found(settings)
    assert not [each for each, _ in results.values() if each.breaks]
    assert [name for name, (verdict, _) in results.items() if verdict is Verdict.NEW] == ["history_again"]


def test_too_many_subtasks_are_named(settings: Settings) -> None:
    section = settings.fraud_detection.model_copy(update={"parallelism": 129})
    results = found(settings.model_copy(update={"fraud_detection": section}))
    assert results["profiled"] == (Verdict.TOO_WIDE, "129 subtasks, but its state was saved for 128 at most")


def test_the_verb_says_it_line_by_line_and_fails_only_where_something_breaks(
    settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    file = dump(settings, tmp_path / "sluice.yaml")
    check_upgrade(DECIDING.name, str(RELEASE), file)
    said = capsys.readouterr().out.splitlines()
    assert [line.split(":")[0].split() for line in said if " profiled: " in line] == [["carried", "profiled"]]
    assert sum(line.startswith("Nothing is lost.") for line in said) == 1
    change(RENAMED, tmp_path, monkeypatch)
    with pytest.raises(SluiceError, match=r"^1 moved: .*sluice bootstrap fraud_detection$"):
        check_upgrade(DECIDING.name, str(RELEASE), file)


@pytest.mark.parametrize(
    ("content", "uri", "words"),
    [
        (b"", None, "can't be read: java.io.EOFException"),
        (b"no savepoint", None, "can't be read: "),
        (None, "s3://states/savepoint-1", "is not on this machine"),
    ],
)
def test_what_is_no_savepoint_is_said_in_one_line(
    tmp_path: Path, content: bytes | None, uri: str | None, words: str
) -> None:
    if content is not None:
        (tmp_path / "_metadata").write_bytes(content)
    with pytest.raises(ServerError, match=words) as refused:
        savepoint.read(uri or tmp_path.as_uri())
    assert "\n" not in str(refused.value)
